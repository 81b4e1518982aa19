"""The log of events that arrived, and which runs each of them started (TRG-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.fields.json import KT

from apps_engine.services.enqueue import event_keys
from apps_engine.services.errors import EventNotFound
from apps_engine.store.listeners import event_triggers
from apps_engine.store.models import EventInbox, Execution
from decommerce.community.models import OutboxEvent
from decommerce.community.outbox import APP_EVENT
from decommerce.operations.figures import STUCK_AFTER
from decommerce.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: of this type, this source and this CloudEvents id, received in [since, until)."""

    type: str = ""
    source: str = ""
    event_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def lookups(self) -> dict[str, Any]:
        """As the database is asked."""
        given = {
            "type": self.type,
            "source": self.source,
            "event_id": self.event_id,
            "received_at__gte": self.since,
            "received_at__lt": self.until,
        }
        return {lookup: value for lookup, value in given.items() if value}


EVERY_EVENT = EventFilter()


def list_events(
    principal: Principal, which: EventFilter = EVERY_EVENT, *, limit: int = 20, cursor: int | None = None
) -> list[EventInbox]:
    """The latest events without their data, newest first; `cursor` is the number of the last one of the page before."""
    principal.require("apps:read")
    events = EventInbox.objects.defer("data").filter(**which.lookups())
    if cursor is not None:
        events = events.filter(pk__lt=cursor)
    return list(events.order_by("-pk")[:limit])


def stuck_events(principal: Principal, *, limit: int = 20) -> list[tuple[str, datetime]]:
    """Types and times of events that were published again and again and never taken in, the oldest first."""
    principal.require("apps:read")
    stuck = OutboxEvent.objects.filter(attempts__gte=STUCK_AFTER).order_by("created_at")
    return list(stuck.annotate(kind=KT("envelope__type")).values_list("kind", "created_at")[:limit])


def get_event(principal: Principal, number: int) -> EventInbox:
    """One event by its number here, with its data; raises EventNotFound."""
    principal.require("apps:read")
    principal.require("data:read")
    event = EventInbox.objects.filter(pk=number).first()
    if event is None:
        raise EventNotFound(f"There is no event {number}.", hint="List the events; old ones are gone.")
    return event


def find_event(event_id: str) -> EventInbox:
    """The latest event with this CloudEvents id, or else of this number here; raises EventNotFound.

    Needs the tenant's scope.
    """
    found = EventInbox.objects.order_by("-pk")
    # Most sources tell duplicates by the id, and by that key the index knows it.
    event = found.filter(dedupe_key=event_id, event_id=event_id).first() or found.filter(event_id=event_id).first()
    if event is None and event_id.isdecimal() and len(event_id) < 19:
        event = found.filter(pk=int(event_id)).first()
    if event is None:
        raise EventNotFound(
            f"No event “{event_id}” arrived here.",
            hint="Give its id, or its number in the list of events. Old events are gone, and one whose key had arrived "
            "before was dropped as a duplicate.",
        )
    return event


def numbers_of(event_ids: Collection[str]) -> Mapping[str, int]:
    """The number here of the latest event with each of these CloudEvents ids; one that is gone has none."""
    found = EventInbox.objects.filter(event_id__in=set(event_ids) - {""}).values_list("event_id", "pk")
    return dict(found.order_by("pk"))


def runs_started_by(events: Sequence[EventInbox]) -> Mapping[int, list[Execution]]:
    """The runs that events started, by the event's number, each with its app; two statements for any number of them."""
    names = {name for event in events for name in (event.type, event.type.removeprefix(APP_EVENT))}
    keys: dict[str, int] = {}
    apps = set()
    for app_id, trigger_id, delays in event_triggers(names):
        apps.add(app_id)
        for event in events:
            keys.update(dict.fromkeys(event_keys(trigger_id, event.pk, delays), event.pk))
    started: dict[int, list[Execution]] = defaultdict(list)
    if keys:
        runs = Execution.objects.filter(app_id__in=apps, trigger_key__in=list(keys)).select_related("app")
        for run in runs.order_by("pk"):
            started[keys[run.trigger_key]].append(run)
    return started
