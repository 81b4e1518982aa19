"""Which runs would overlap, and the runs that a newer one replaces. All of it needs the tenant's scope."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from apps_engine.language.jsontext import dumps
from apps_engine.store.inbox import NewExecution

# In one order, so that two batches never wait for each other.
_LOCK = """
SELECT pg_advisory_xact_lock(number) FROM (
    SELECT DISTINCT hashtextextended(name, 0) AS number FROM unnest(%s::text[]) AS given (name) ORDER BY number
) ordered
"""
# What is set for later, a delay or a task, has not begun and stands in nobody's way. Two that came at one instant, by
# clocks that are not quite the same, are not later than each other.
_TAKEN = """
SELECT wanted.place FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[])
    WITH ORDINALITY AS wanted (app_id, concurrency_key, run_at, place)
WHERE EXISTS (
    SELECT 1 FROM engine_execution e
    WHERE e.app_id = wanted.app_id AND e.concurrency_key = wanted.concurrency_key
      AND e.state IN ('queued', 'running', 'paused')
      AND NOT (e.state = 'queued' AND e.started_at IS NULL
               AND e.run_at > GREATEST(wanted.run_at, clock_timestamp() + interval '5 seconds')))
"""
# A newer one that is due takes the place of all that is under way; one for later, of what waits of the same sequence.
_REPLACE = """
UPDATE engine_execution e
SET state = 'cancelled', finished_at = now(), lease_until = NULL, owner = '', error = newer.error
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::jsonb[])
    AS newer (id, app_id, concurrency_key, trigger_id, due, error)
WHERE e.app_id = newer.app_id AND e.concurrency_key = newer.concurrency_key AND e.id < newer.id
  AND e.state IN ('queued', 'running', 'paused') AND e.trigger_type <> 'task'
  AND CASE WHEN e.state = 'queued' AND e.started_at IS NULL
          AND (NOT newer.due OR e.run_at > clock_timestamp() + interval '5 seconds')
      THEN e.trigger_id = newer.trigger_id ELSE newer.due END
RETURNING e.id
"""


def lock_keys(executions: Sequence[NewExecution]) -> None:
    """Until the transaction ends nobody else decides whether runs of these keys overlap."""
    names = [f"overlap:{execution.app_id}:{execution.concurrency_key}" for execution in executions]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [names])


def taken(executions: Sequence[NewExecution]) -> set[int]:
    """The places in the batch of those whose key has a run that waits or is at work."""
    columns = zip(*[(e.app_id, e.concurrency_key, e.run_at) for e in executions], strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [list(column) for column in columns])
        return {place - 1 for (place,) in cursor.fetchall()}


def replace_older(newer: Sequence[tuple[NewExecution, bool, dict[str, object]]]) -> list[int]:
    """Cancel what each of these takes the place of; returns the ids.

    Each is an inserted execution, whether it is due, and the error that those which it replaces end with.
    """
    rows = [(e.pk, e.app_id, e.concurrency_key, e.trigger_id, due, dumps(error)) for e, due, error in newer]
    columns = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, [list(column) for column in columns])
        return [row[0] for row in cursor.fetchall()]
