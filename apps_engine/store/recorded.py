"""Events as they were recorded, a bounded stretch at a time: a community may have a million of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from operator import attrgetter

from apps_engine.store.models import EventInbox

STRETCH = 200


def newest_first(type_of_event: str, since: datetime) -> Iterator[EventInbox]:
    """Those received since then. Numbers are given in the order of arrival, give or take a moment."""
    events = EventInbox.objects.filter(type=type_of_event).order_by("-pk")
    stretch = list(events[:STRETCH])
    while stretch:
        for event in stretch:
            if event.received_at < since:
                return
            yield event
        stretch = list(events.filter(pk__lt=stretch[-1].pk)[:STRETCH]) if len(stretch) == STRETCH else []


def arrived_after(types: Collection[str], number: int, until: datetime, most: int) -> list[EventInbox]:
    """The first of these types behind that number that were received until then, oldest first."""
    # Type by type, as the index has them: in one statement a planner may read everybody's events by their numbers.
    found = (
        event
        for name in types
        for event in EventInbox.objects.filter(type=name, pk__gt=number, received_at__lte=until).order_by("pk")[:most]
    )
    return sorted(found, key=attrgetter("pk"))[:most]


def newest_number(types: Collection[str], until: datetime) -> int:
    """The number of the newest of these types that was received until then, 0 where there is none."""
    newest = (EventInbox.objects.filter(type=name, received_at__lte=until).order_by("-pk") for name in types)
    return max((events.values_list("pk", flat=True).first() or 0 for events in newest), default=0)


def oldest_at(type_of_event: str) -> datetime | None:
    """When the oldest that is still here was received."""
    events = EventInbox.objects.filter(type=type_of_event).order_by("pk")
    return events.values_list("received_at", flat=True).first()
