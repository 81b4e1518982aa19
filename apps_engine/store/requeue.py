"""Putting many runs back into the queue, at a rate and behind the others."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

_REQUEUE = """
UPDATE engine_execution e
SET state = 'queued', attempt = 0, error = NULL, result = NULL, finished_at = NULL, lease_until = NULL, owner = '',
    priority = %s, run_at = now() + (given.place - 1) * make_interval(secs => %s)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS given (id, place)
WHERE e.id = given.id AND e.state = ANY(%s)
RETURNING e.id, e.run_at <= now()
"""


def requeue(ids: Sequence[int], states: Sequence[str], seconds_apart: float, priority: int) -> dict[int, bool]:
    """Those that were still in one of the states, and whether each is due now. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUEUE, [priority, seconds_apart, list(ids), list(states)])
        return dict(cursor.fetchall())
