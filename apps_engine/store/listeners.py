"""Who listens to an event: read when it changed, by index, however many apps there are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import loads
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

# Two sets of subscriptions with the same stamp are the same: their numbers are never used again.
_STAMPS = """
SELECT event, count(*), sum(id), bit_xor(hashint8extended(id, 0)) FROM engine_subscription
WHERE tenant_id = %s AND event = ANY(%s) GROUP BY event
"""

_LISTENING = """
SELECT s.app_id, v.id, s.trigger_id,
    (SELECT t -> 'filter' FROM jsonb_array_elements(v.definition -> 'triggers') t WHERE t ->> 'id' = s.trigger_id)::text
FROM engine_subscription s
JOIN engine_app a ON a.id = s.app_id AND a.status IN ('active', 'error')
JOIN engine_appversion v ON v.app_id = a.id AND v.number = a.version_number
WHERE s.tenant_id = %s AND s.event = %s ORDER BY s.id
"""

# Of every version that there ever was: what started a run may be changed by now.
_TRIGGERS = """
SELECT v.app_id, t ->> 'id', max(CASE WHEN jsonb_typeof(t -> 'sequence') = 'array'
    THEN jsonb_array_length(t -> 'sequence') ELSE 0 END)
FROM engine_appversion v
CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN jsonb_typeof(v.definition -> 'triggers') = 'array' THEN v.definition -> 'triggers' END) t
WHERE v.tenant_id = %s
    AND COALESCE(t ->> 'event', CASE t ->> 'type' WHEN 'webhook' THEN 'webhook.received' END) = ANY(%s)
GROUP BY 1, 2
"""

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Listener:
    """A trigger that listens, in the current version of its app."""

    app_id: int
    version_id: int
    trigger_id: str


def send_stamps(events: Collection[str]) -> Callable[[], dict[str, Stamp]]:
    """Ask what changes whenever those who listen do, by event that anyone listens to. Needs the tenant's scope."""
    rows = send(_STAMPS, [current_tenant_id(), list(events)])
    return lambda: {event: (count, int(total), mixed) for event, count, total, mixed in rows()}


def listeners(event: str) -> list[tuple[Listener, dict[str, Any] | None]]:
    """Who listens to the event, oldest first, each with its filter object. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTENING, [current_tenant_id(), event])
        return [
            (Listener(app_id, version_id, trigger_id), None if condition is None else loads(condition))
            for app_id, version_id, trigger_id, condition in cursor.fetchall()
        ]


def event_triggers(names: Collection[str]) -> list[tuple[int, str, int]]:
    """(app id, trigger id, delays) of each trigger that listens or listened to one of these names. Needs the scope."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS, [current_tenant_id(), list(names)])
        return list(cursor.fetchall())
