"""Putting many runs back into the queue, at a rate and behind the others."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

_REQUEUE = """
UPDATE engine_execution e
SET state = 'queued', attempt = 0, error = NULL, result = NULL, finished_at = NULL, lease_until = NULL, owner = '',
    priority = %s, run_at = now() + make_interval(secs => given.seconds)
FROM unnest(%s::bigint[], %s::float[]) AS given (id, seconds)
WHERE e.id = given.id AND e.state = ANY(%s)
RETURNING e.id, e.run_at <= now()
"""


def requeue(ids: Sequence[int], states: Sequence[str], begin: Sequence[float], priority: int) -> dict[int, bool]:
    """Those that were still in one of the states, and whether each is due now. Needs the tenant's scope.

    `begin` are the seconds until each of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REQUEUE, [priority, list(ids), list(begin), list(states)])
        return dict(cursor.fetchall())
