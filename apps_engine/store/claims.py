"""Claiming work: one UPDATE decides who runs what (docs/execution.md 3 to 5).

These statements run as the scheduler's role, which sees scheduling columns of all tenants and nothing else. The
database's clock rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connections

from apps_engine.store.queue import SCHEDULER
from decommerce.failpoints import reached
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

# Two who want the last slot of a key at the same instant: the index refuses one, who looks again.
MOST_TRIES = 4
# Of machines that are gone at once, each child with a batch in its hands: none of the runs waits for a second sweep.
MOST_EXPIRED = 5_000


@dataclass(frozen=True, slots=True)
class Claimed:
    """An execution that is ours as long as its fence is the newest. At attempt 0 it has yet to `attempts.begin`."""

    id: int
    tenant_id: int
    app_id: int
    concurrency_key: str
    fence: int
    attempt: int


# The k-th of a key takes the k-th of its slots that is free; who finds none waits. The index would refuse it anyway.
# Each by its key. While a burst grows, the statistics still speak of the empty queue before it: left to them, whoever
# asks for one run walks through all that are queued, once for each of them. So they might for the last look, too, were
# nothing added to the state.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT e.id, e.priority, e.run_at, e.app_id, e.concurrency_key, e.exclusive, e.slots
    FROM unnest(%(ids)s::bigint[]) AS given (id)
    CROSS JOIN LATERAL (
        SELECT id, priority, run_at, app_id, concurrency_key, exclusive, slots, state FROM engine_execution
        WHERE id = given.id LIMIT 1) e
    JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
    WHERE e.state = 'queued' AND e.run_at <= now()
      AND (NOT e.exclusive OR e.slots > (
          SELECT count(*) FROM engine_execution r WHERE r.app_id = e.app_id AND r.concurrency_key = e.concurrency_key
          AND r.state = 'running' AND r.exclusive))
), ranked AS (
    SELECT due.*, CASE WHEN exclusive THEN row_number() OVER (
        PARTITION BY app_id, concurrency_key, exclusive ORDER BY priority, run_at, id) ELSE 1 END AS rank
    FROM due
), slotted AS MATERIALIZED (
    SELECT ranked.*, CASE WHEN exclusive THEN (
        SELECT free.slot FROM generate_series(0, ranked.slots - 1) free (slot)
        WHERE NOT EXISTS (
            SELECT 1 FROM engine_execution r WHERE r.app_id = ranked.app_id
            AND r.concurrency_key = ranked.concurrency_key AND r.slot = free.slot
            AND r.state = 'running' AND r.exclusive)
        ORDER BY free.slot OFFSET ranked.rank - 1 LIMIT 1) ELSE 0 END AS slot
    FROM ranked WHERE rank <= slots
), picked AS (
    SELECT e.id, slotted.slot FROM engine_execution e JOIN slotted ON slotted.id = e.id
    WHERE slotted.slot IS NOT NULL AND e.state || '' = 'queued'
    ORDER BY slotted.priority, slotted.run_at, slotted.id LIMIT %(limit)s
    FOR UPDATE OF e SKIP LOCKED
)
UPDATE engine_execution e
SET state = 'running', fence = e.fence + 1, attempt = e.attempt + 1, owner = %(owner)s, slot = picked.slot,
    lease_until = now() + make_interval(secs => %(lease)s), started_at = COALESCE(e.started_at, now())
FROM picked WHERE e.id = picked.id
RETURNING e.id, e.tenant_id, e.app_id, e.concurrency_key, e.fence, e.attempt
"""

# A run that was made in this transaction is due later than the transaction began. Where one of its key is at work or
# stands before it, the workers decide. Its number is not known yet to who sends this together with its making.
# Only the first is charged an attempt: it may kill the process before the others begin.
# This commit need not wait for the disk: the one that ends the run does, and what was written before goes with it.
_CLAIM_HERE = """
UPDATE engine_execution e SET state = 'running', fence = e.fence + 1, owner = %(owner)s,
    attempt = e.attempt + CASE made.place WHEN 1 THEN 1 ELSE 0 END,
    slot = 0, lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
    started_at = COALESCE(e.started_at, clock_timestamp())
FROM engine_app a, unnest(%(apps)s::bigint[], %(keys)s::text[]) WITH ORDINALITY AS made (app_id, trigger_key, place)
WHERE e.tenant_id = %(tenant)s AND e.app_id = made.app_id AND e.trigger_key = made.trigger_key
  AND a.id = e.app_id AND a.status = 'active' AND e.state || '' = 'queued' AND e.run_at <= clock_timestamp()
  AND NOT (e.exclusive AND EXISTS (
      SELECT 1 FROM engine_execution r WHERE r.app_id = e.app_id AND r.concurrency_key = e.concurrency_key
      AND r.exclusive AND (r.state = 'running' OR r.state = 'queued' AND r.id < e.id)))
RETURNING e.id, e.tenant_id, e.app_id, e.concurrency_key, e.fence, e.attempt,
    set_config('synchronous_commit', 'off', true)
"""

# Nobody claims the runs of an app that was deleted meanwhile.
_LET_GO = """lease_until = NULL, state = CASE a.status WHEN 'deleted' THEN 'cancelled' ELSE 'queued' END,
    finished_at = CASE a.status WHEN 'deleted' THEN clock_timestamp() END"""

_HAND_BACK = """
UPDATE engine_execution e SET {let_go}, owner = '', attempt = GREATEST(e.attempt - 1, 0), run_at = now()
FROM engine_app a WHERE a.id = e.app_id AND e.id = %s AND e.fence = %s AND e.state = 'running'
""".replace("{let_go}", _LET_GO)

# Their place in the line stays theirs: what lost its worker is next, however many came meanwhile.
_EXPIRED = """
UPDATE engine_execution e SET {let_go}
FROM engine_app a WHERE a.id = e.app_id AND e.id IN (
    SELECT id FROM engine_execution WHERE state = 'running' AND lease_until < now() AND attempt < max_attempts
    ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING e.id, e.state
""".replace("{let_go}", _LET_GO)

_EXHAUSTED = """
SELECT id, tenant_id, app_id, concurrency_key, fence, attempt FROM engine_execution
WHERE state = 'running' AND lease_until < now() AND attempt >= max_attempts ORDER BY lease_until LIMIT %s
"""

_RENEW = """
UPDATE engine_execution SET lease_until = GREATEST(lease_until, now() + make_interval(secs => %s))
WHERE id = %s AND fence = %s AND state = 'running'
"""


def claim(owner: str, limit: int, ids: Sequence[int]) -> list[Claimed]:
    """Claim up to `limit` of these executions that are due, the most urgent first; none when another was faster."""
    params: dict[str, Any] = {"owner": owner, "limit": limit, "lease": settings.LEASE_SECONDS, "ids": list(set(ids))}
    for _ in range(MOST_TRIES):
        try:
            with connections[SCHEDULER].cursor() as cursor:
                cursor.execute(_CLAIM, params)
                claimed = [Claimed(*row) for row in cursor.fetchall()]
        except IntegrityError:
            continue
        reached("claim.committed")
        return claimed
    # Others are at the same key; what is left stays queued.
    return []


def send_claim_here(owner: str, made: Sequence[tuple[int, str]]) -> Callable[[], list[Claimed]]:
    """Claim those of the executions (app id, trigger key) that are due, in the current transaction and its pipeline.

    They run once it is committed, in the order returned; none where another is at one of their keys. The pipeline's end
    raises IntegrityError where somebody took such a key meanwhile. Needs the tenant's scope; what is returned reads the
    answer. Where there are any, nothing of the transaction is sure to be on the disk before a later commit is.
    """
    apps, keys = [app_id for app_id, _ in made], [key for _, key in made]
    lease = {"owner": owner, "lease": settings.LEASE_SECONDS, "tenant": current_tenant_id()}
    rows = send(_CLAIM_HERE, {**lease, "apps": apps, "keys": keys})
    return lambda: sorted((Claimed(*row) for *row, _ in rows()), key=lambda work: (-work.attempt, work.id))


def hand_back(work: Claimed) -> bool:
    """Leave a run to somebody else, at once and without charging the attempt; False when the lease is lost."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_HAND_BACK, [work.id, work.fence])
        handed_back = bool(cursor.rowcount == 1)
    reached("hand_back.committed")
    return handed_back


def renew(execution_id: int, fence: int) -> bool:
    """Lengthen the lease; False when it is lost. One that is longer, for a call that is under way, stays as it is."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_RENEW, [settings.LEASE_SECONDS, execution_id, fence])
        renewed = bool(cursor.rowcount == 1)
    reached("heartbeat.committed")
    return renewed


def requeue_expired(limit: int = MOST_EXPIRED) -> dict[int, str]:
    """Hand back runs whose worker is gone; returns the state of each, which ends where its app is deleted."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_EXPIRED, [limit])
        expired = dict(cursor.fetchall())
    if expired:
        reached("requeue.committed")
    return expired


def exhausted(limit: int = 100) -> list[Claimed]:
    """Runs whose worker is gone for the last time."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_EXHAUSTED, [limit])
        return [Claimed(*row) for row in cursor.fetchall()]
