"""Claiming work: one UPDATE decides who runs what (docs/execution.md 3 to 5).

These statements run as the scheduler's role, which sees scheduling columns of all tenants and nothing else. The
database's clock rules.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, connections, transaction

from decommerce.failpoints import reached

SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class Claimed:
    """An execution that is ours as long as its fence is the newest."""

    id: int
    tenant_id: int
    app_id: int
    concurrency_key: str
    fence: int
    attempt: int


# One row per (app, key) at most, and none whose key is running: the partial unique index would refuse it anyway.
_CLAIM = """
WITH due AS (
    SELECT e.id, e.priority, e.run_at,
           CASE WHEN e.exclusive THEN row_number() OVER (
               PARTITION BY e.app_id, e.concurrency_key, e.exclusive ORDER BY e.run_at, e.id) ELSE 1 END AS place
    FROM engine_execution e
    JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
    WHERE e.state = 'queued' AND e.run_at <= now() AND (%(ids)s::bigint[] IS NULL OR e.id = ANY(%(ids)s))
      AND NOT (e.exclusive AND EXISTS (
          SELECT 1 FROM engine_execution r WHERE r.app_id = e.app_id AND r.concurrency_key = e.concurrency_key
          AND r.state = 'running' AND r.exclusive))
    ORDER BY e.priority, e.run_at LIMIT %(scan)s
), picked AS (
    SELECT e.id FROM engine_execution e JOIN due ON due.id = e.id
    WHERE due.place = 1 AND e.state = 'queued' ORDER BY due.priority, due.run_at LIMIT %(limit)s
    FOR UPDATE OF e SKIP LOCKED
)
UPDATE engine_execution e
SET state = 'running', fence = e.fence + 1, attempt = e.attempt + 1, owner = %(owner)s,
    lease_until = now() + make_interval(secs => %(lease)s), started_at = COALESCE(e.started_at, now())
FROM picked WHERE e.id = picked.id
RETURNING e.id, e.tenant_id, e.app_id, e.concurrency_key, e.fence, e.attempt
"""

_EXPIRED = """
UPDATE engine_execution SET state = 'queued', lease_until = NULL, run_at = now()
WHERE id IN (
    SELECT id FROM engine_execution WHERE state = 'running' AND lease_until < now() AND attempt < max_attempts
    ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""

_EXHAUSTED = """
SELECT id, tenant_id, app_id, concurrency_key, fence, attempt FROM engine_execution
WHERE state = 'running' AND lease_until < now() AND attempt >= max_attempts ORDER BY lease_until LIMIT %s
"""

_RENEW = """
UPDATE engine_execution SET lease_until = GREATEST(lease_until, now() + make_interval(secs => %s))
WHERE id = %s AND fence = %s AND state = 'running'
"""

_QUEUED = """
SELECT id, app_id, concurrency_key, exclusive FROM engine_execution WHERE state = 'queued' AND id = ANY(%s)
"""


def claim(owner: str, limit: int, ids: Sequence[int] | None = None) -> list[Claimed]:
    """Claim up to `limit` due executions, of `ids` where given; none when another was faster."""
    params = {
        "ids": None if ids is None else list(ids),
        "limit": limit,
        "scan": max(limit * 4, 50),
        "owner": owner,
        "lease": settings.LEASE_SECONDS,
    }
    try:
        with transaction.atomic(using=SCHEDULER), connections[SCHEDULER].cursor() as cursor:
            cursor.execute(_CLAIM, params)
            claimed = [Claimed(*row) for row in cursor.fetchall()]
            reached("claim.committing")
    except IntegrityError:
        # Two claimed runs of one key at the same instant; the index decided, the loser's stay queued.
        return []
    reached("claim.committed")
    return claimed


def renew(execution_id: int, fence: int) -> bool:
    """Lengthen the lease; False when it is lost. One that is longer, for a call that is under way, stays as it is."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_RENEW, [settings.LEASE_SECONDS, execution_id, fence])
        renewed = bool(cursor.rowcount == 1)
    reached("heartbeat.committed")
    return renewed


def requeue_expired(limit: int = 100) -> list[int]:
    """Hand back runs whose worker is gone; returns their ids."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_EXPIRED, [limit])
        expired = [row[0] for row in cursor.fetchall()]
    if expired:
        reached("requeue.committed")
    return expired


def exhausted(limit: int = 100) -> list[Claimed]:
    """Runs whose worker is gone for the last time."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_EXHAUSTED, [limit])
        return [Claimed(*row) for row in cursor.fetchall()]


def due_keys(ids: Sequence[int]) -> list[tuple[int, int, str, bool]]:
    """(id, app id, concurrency key, exclusive) of those that are still queued."""
    if not ids:
        return []
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_QUEUED, [list(ids)])
        return list(cursor.fetchall())


_WAITING = """
SELECT e.id FROM engine_execution e
JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
JOIN unnest(%s::bigint[], %s::text[]) AS key (app_id, concurrency_key)
    ON key.app_id = e.app_id AND key.concurrency_key = e.concurrency_key
WHERE e.state = 'queued' AND e.run_at <= now() ORDER BY e.run_at, e.id LIMIT %s
"""

_OVERDUE = """
SELECT e.id FROM engine_execution e JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
WHERE e.state = 'queued' AND e.run_at <= now() - make_interval(secs => %s)
  AND NOT (e.exclusive AND EXISTS (
      SELECT 1 FROM engine_execution r WHERE r.app_id = e.app_id AND r.concurrency_key = e.concurrency_key
      AND r.state = 'running' AND r.exclusive))
ORDER BY e.priority, e.run_at LIMIT %s
"""

# The head of each tenant's line.
_HEADS = """
SELECT id FROM (
    SELECT DISTINCT ON (e.tenant_id) e.id, e.run_at FROM engine_execution e
    JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
    WHERE e.state = 'queued' AND e.run_at <= now() - make_interval(secs => %s)
      AND NOT (e.exclusive AND EXISTS (
          SELECT 1 FROM engine_execution r WHERE r.app_id = e.app_id AND r.concurrency_key = e.concurrency_key
          AND r.state = 'running' AND r.exclusive))
    ORDER BY e.tenant_id, e.priority, e.run_at
) head ORDER BY run_at LIMIT %s
"""


def waiting(keys: Collection[tuple[int, str]], limit: int) -> list[int]:
    """Due executions of these (app id, concurrency key), oldest first."""
    apps, texts = [app_id for app_id, _ in keys], [text for _, text in keys]
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_WAITING, [apps, texts, limit])
        return [row[0] for row in cursor.fetchall()]


def overdue(older_than_seconds: float, limit: int) -> list[int]:
    """Executions that should have been claimed by now: their hint was lost, or never sent."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_OVERDUE, [older_than_seconds, limit])
        return [row[0] for row in cursor.fetchall()]


def heads(older_than_seconds: float, limit: int) -> list[int]:
    """The next execution of each tenant that has waited for so long, the longest wait first."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_HEADS, [older_than_seconds, limit])
        return [row[0] for row in cursor.fetchall()]
