"""Who listens to an event: one query by index, however many apps there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from decommerce.tenancy.context import current_tenant_id

_LISTENING = """
SELECT s.event, s.app_id, v.id, s.trigger_id FROM engine_subscription s
JOIN engine_app a ON a.id = s.app_id AND a.status = 'active'
JOIN engine_appversion v ON v.app_id = a.id AND v.number = a.version_number
WHERE s.tenant_id = %s AND s.event = ANY(%s) ORDER BY s.id
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """A trigger of an active app, in its current version."""

    app_id: int
    version_id: int
    trigger_id: str


def listeners(events: Collection[str]) -> dict[str, list[Listener]]:
    """By event: who listens. Needs the tenant's scope."""
    found: dict[str, list[Listener]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LISTENING, [current_tenant_id(), list(events)])
        for event, *listener in cursor.fetchall():
            found[event].append(Listener(*listener))
    return found
