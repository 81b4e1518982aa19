"""Writing events in the transaction of the change they tell of (TRG-08).

A row and its event commit together or not at all; publishing comes after, and whatever could not be published stays in
the table until the relay gets it out. Nothing here waits for the queue.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jsonschema_rs
from django.utils import timezone

from decommerce.community.event_catalogue import EVENTS
from decommerce.community.exact_json import dumps
from decommerce.community.publisher import publish_after_commit
from decommerce.pipelining import send
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Tenant

SPEC_VERSION = "1.0"
MAX_FAULTS = 20
# No event of the platform has a colon in its name, so an app's event can never pass for one.
APP_EVENT = "app:"
# The source of every event of the platform begins like this, and that of no other program does.
PLATFORM_SOURCES = "/tenants/"
_SETTLE = "DELETE FROM community_outboxevent WHERE tenant_id = %s AND event_id = ANY(%s)"
_WRITE = """
INSERT INTO community_outboxevent (tenant_id, event_id, envelope, created_at, attempts)
SELECT %s, envelope ->> 'id', envelope, %s, 0
FROM jsonb_array_elements(%s) WITH ORDINALITY AS given (envelope, place) ORDER BY place
"""
_VALIDATORS = {
    name: jsonschema_rs.validator_for(dict(event.payload_schema), validate_formats=True)
    for name, event in EVENTS.items()
}


class UnknownEvent(PlatformError):
    """The catalogue has no event of that name."""

    code = "unknown_event"


class PayloadInvalid(PlatformError):
    """The data of an event does not match its schema. `faults` lists {"path", "message"}."""

    code = "event_payload_invalid"

    def __init__(self, name: str, faults: list[dict[str, str]]) -> None:
        lines = "; ".join(f"{fault['path'] or 'data'}: {fault['message']}" for fault in faults)
        super().__init__(f"The data does not fit {name}: {lines}.", hint="Compare it with the sample of the event.")
        self.faults = faults

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "faults": self.faults}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be written. `subject` names the thing it is about ("post/812").

    `key` is the CloudEvents extension by which consumers drop duplicates; without one, every event is its own.
    """

    name: str
    data: Mapping[str, Any]
    subject: str
    key: str | None = None


def emit(name: str, data: Mapping[str, Any], *, subject: str = "", key: str | None = None) -> str:
    """Write one event in the current transaction; returns its id. See `emit_many`."""
    return emit_many([NewEvent(name, data, subject or name, key)])[0]


def emit_many(events: Sequence[NewEvent]) -> list[str]:
    """Write events in one statement and have them published after the commit; returns their ids.

    Raises UnknownEvent and PayloadInvalid before anything is written. Needs the tenant's scope.
    """
    for event in events:
        check_payload(event.name, event.data)
    return _write([(event.name, "community", event) for event in events])


def emit_of_app(app_id: int, events: Sequence[NewEvent]) -> list[str]:
    """The same for events of an app, which no catalogue knows: their type and their source say whose they are."""
    return _write([(app_event_type(event.name), f"apps/{app_id}", event) for event in events])


def app_event_type(name: str) -> str:
    """The type that an app's event of that name has."""
    return APP_EVENT + name


def is_app_event(event_type: str) -> bool:
    """Whether events of that type come from apps."""
    return event_type.startswith(APP_EVENT)


def is_platform_source(source: str) -> bool:
    """Whether events of that source come from the platform itself."""
    return source.startswith(PLATFORM_SOURCES)


def settle(event_ids: Sequence[str]) -> None:
    """These events have arrived: forget them, in the transaction that took them in. Needs the tenant's scope."""
    if not event_ids:
        return
    send(_SETTLE, [current_tenant_id(), list(event_ids)])


def check_payload(name: str, data: Mapping[str, Any]) -> None:
    """Raise UnknownEvent or PayloadInvalid unless `data` is what the catalogue promises of the event."""
    validator = _VALIDATORS.get(name)
    if validator is None:
        raise UnknownEvent(f"There is no event “{name}”.", hint="Events: " + ", ".join(sorted(EVENTS)))
    if validator.is_valid(data):
        return
    errors = list(validator.iter_errors(data))[:MAX_FAULTS]
    raise PayloadInvalid(
        name, [{"path": ".".join(map(str, error.instance_path)), "message": error.message} for error in errors]
    )


def instant(moment: datetime) -> str:
    """An instant as events write it: ISO 8601 in UTC, with a Z, and microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def optional_instant(moment: datetime | None) -> str | None:
    """The same for an instant that may be missing."""
    return None if moment is None else instant(moment)


def _write(events: Sequence[tuple[str, str, NewEvent]]) -> list[str]:
    """Write events, each with its type and the part of the tenant it comes from; returns their ids."""
    if not events:
        return []
    now = timezone.now()
    shared = _shared(now)
    envelopes = [_envelope(event_type, source, event, shared) for event_type, source, event in events]
    texts = {envelope["id"]: dumps(envelope) for envelope in envelopes}
    send(_WRITE, [current_tenant_id(), now, f"[{','.join(texts.values())}]"])
    publish_after_commit(texts)
    return list(texts)


def _shared(now: datetime) -> dict[str, Any]:
    """What the envelopes of one moment have in common."""
    return {
        "specversion": SPEC_VERSION,
        "time": instant(now),
        "datacontenttype": "application/json",
        "tenantid": _slug(current_tenant_id()),
        "chain": ",".join(map(str, current_cause().chain)),
    }


def _envelope(event_type: str, source: str, event: NewEvent, shared: Mapping[str, Any]) -> dict[str, Any]:
    identifier = str(uuid.uuid4())
    return {
        **shared,
        "id": identifier,
        "source": f"{PLATFORM_SOURCES}{shared['tenantid']}/{source}",
        "type": event_type,
        "subject": event.subject,
        "dedupekey": event.key or identifier,
        "data": event.data,
    }


@lru_cache(maxsize=4096)
def _slug(tenant_id: int) -> str:
    """A tenant's slug is for ever, so it is read once."""
    return Tenant.objects.values_list("slug", flat=True).get(pk=tenant_id)
