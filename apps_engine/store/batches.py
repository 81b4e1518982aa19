"""Claiming the next runs of one app together, and ending them together (docs/decisions/0006-batches.md).

Only runs that nobody has claimed before join a batch. Joining raises their fence, and that is committed before any of
them begins: whatever becomes of the batch, none of its runs joins another one. A batch that ends with its worker is so
handed back one by one, and no attempt of anybody is counted for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, connections

from apps_engine.language.jsontext import dumps
from apps_engine.store.claims import Claimed
from apps_engine.store.queue import SCHEDULER
from decommerce.failpoints import reached
from decommerce.pipelining import pipelined, send


@dataclass(frozen=True, slots=True)
class Line:
    """Runs of one version, flow and key of an app: one after the other, or such as may overlap."""

    tenant_id: int
    app_id: int
    version_id: int
    flow: str
    exclusive: bool
    concurrency_key: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Runs that are ours, in their order.

    `held` are those that are running. Of one key that is the first alone: it keeps the key, and with it those behind.
    """

    line: Line
    runs: tuple[Claimed, ...]
    held: tuple[Claimed, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run of a batch ended: well, or with the `error` that says why nothing was to be done."""

    run: Claimed
    result: Any
    usage: dict[str, int]
    items: int
    state: str = "succeeded"
    error: Mapping[str, Any] | None = None


_LINES = """
SELECT e.tenant_id, e.app_id, e.version_id, e.flow, e.exclusive, e.concurrency_key
FROM unnest(%s::bigint[]) AS given (id)
CROSS JOIN LATERAL (
    SELECT tenant_id, app_id, version_id, flow, exclusive, concurrency_key, run_at, state, fence, lane, slots
    FROM engine_execution WHERE id = given.id LIMIT 1) e
WHERE e.state = 'queued' AND e.fence = 0 AND e.lane = 'runs' AND (e.slots = 1 OR NOT e.exclusive)
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY min(e.run_at)
"""

# Of one key the runs go in their order: the first that belongs to no batch ends it. Where they may overlap it is passed
# over: as many as fell out of batches before would otherwise keep all behind them from being run together.
_CLAIM = """
WITH picked AS (
    SELECT e.id, e.priority, e.run_at,
        e.fence = 0 AND e.lane = 'runs' AND e.version_id = %(version)s AND e.flow = %(flow)s AS fits
    FROM engine_execution e JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
    WHERE e.app_id = %(app)s AND e.state = 'queued' AND e.run_at <= now() AND e.exclusive = %(exclusive)s
      AND e.concurrency_key = %(key)s
      AND (e.exclusive OR e.fence = 0 AND e.lane = 'runs' AND e.version_id = %(version)s AND e.flow = %(flow)s)
      AND NOT (e.exclusive AND EXISTS (
          SELECT 1 FROM engine_execution r WHERE r.app_id = e.app_id AND r.concurrency_key = e.concurrency_key
          AND r.state = 'running' AND r.exclusive))
    ORDER BY e.priority, e.run_at, e.id LIMIT %(limit)s FOR UPDATE OF e SKIP LOCKED
), line AS (
    SELECT id, row_number() OVER way AS place,
        CASE WHEN %(exclusive)s THEN bool_and(fits) OVER way ELSE fits END AS joins
    FROM picked WINDOW way AS (ORDER BY priority, run_at, id)
), claimed AS (
    UPDATE engine_execution e SET fence = e.fence + 1, owner = %(owner)s, slot = 0,
        started_at = COALESCE(e.started_at, now()),
        state = CASE WHEN e.exclusive AND place > 1 THEN 'queued' ELSE 'running' END,
        lease_until = CASE WHEN e.exclusive AND place > 1 THEN NULL ELSE now() + make_interval(secs => %(lease)s) END
    FROM line WHERE e.id = line.id AND line.joins
    RETURNING line.place, e.id, e.tenant_id, e.app_id, e.concurrency_key, e.fence, e.attempt
)
SELECT id, tenant_id, app_id, concurrency_key, fence, attempt FROM claimed ORDER BY place
"""

# Each by its key: of a tenant of whom the statistics know nothing one row is expected, so asked for a whole batch at
# once the database reads all that the tenant ever had.
_END = """
UPDATE engine_execution SET state = %s, attempt = attempt + 1, result = %s, error = %s, usage = %s, items = items + %s,
    finished_at = clock_timestamp(), lease_until = NULL, owner = ''
WHERE id = %s AND fence = %s AND state = %s RETURNING id
"""

_LOST = """
SELECT count(*) FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, fence) CROSS JOIN LATERAL (
    SELECT e.fence, e.state FROM engine_execution e WHERE e.id = given.id LIMIT 1) AS run
WHERE run.fence <> given.fence OR run.state NOT IN ('running', 'cancelled')
"""

# A deleted app's runs are claimed by nobody any more.
_HAND_BACK = """
UPDATE engine_execution e SET lease_until = NULL, owner = '',
    state = CASE a.status WHEN 'deleted' THEN 'cancelled' ELSE 'queued' END,
    finished_at = CASE a.status WHEN 'deleted' THEN clock_timestamp() END
FROM engine_app a
WHERE e.id = %s AND e.fence = %s AND e.state IN ('queued', 'running') AND a.id = e.app_id
RETURNING e.state
"""


def lines(ids: Sequence[int]) -> list[Line]:
    """The lines in which those of `ids` stand that may join a batch, the longest wait first."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_LINES, [list(set(ids))])
        return [Line(*row) for row in cursor.fetchall()]


def claim_line(owner: str, line: Line, limit: int) -> Batch | None:
    """Claim the next due runs of a line; None where there is none that may join, or another was faster."""
    params: dict[str, Any] = {
        "app": line.app_id,
        "version": line.version_id,
        "flow": line.flow,
        "exclusive": line.exclusive,
        "key": line.concurrency_key,
        "limit": limit,
        "owner": owner,
        "lease": settings.LEASE_SECONDS,
    }
    try:
        with connections[SCHEDULER].cursor() as cursor:
            cursor.execute(_CLAIM, params)
            runs = tuple(Claimed(*row) for row in cursor.fetchall())
    except IntegrityError:
        # Somebody claimed a run of the key at the same instant; the index decided.
        return None
    reached("claim.committed")
    return Batch(line, runs, runs[:1] if line.exclusive else runs) if runs else None


def end_together(batch: Batch, ended: Sequence[Ended]) -> bool:
    """Write how runs ended, in the current transaction; False when one of them is not ours any more."""
    held = {run.id for run in batch.held}
    with pipelined():
        written = [send(_END, _ending(one, is_held=one.run.id in held)) for one in ended]
    return all(len(rows()) == 1 for rows in written)


def _ending(one: Ended, *, is_held: bool) -> Sequence[Any]:
    """The parameters of _END."""
    result, error = (None if value is None else dumps(value) for value in (one.result, one.error))
    before = "running" if is_held else "queued"
    return one.state, result, error, dumps(one.usage), one.items, one.run.id, one.run.fence, before


def count_lost(batch: Batch) -> int:
    """Of how many of its runs that were running the lease is lost; one that was cancelled is none of them.

    Needs the tenant's scope.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOST, [[run.id for run in batch.held], [run.fence for run in batch.held]])
        return int(cursor.fetchone()[0])


def hand_back(runs: Sequence[Claimed]) -> int:
    """These are to be run one by one: nothing of them was done, and no attempt is counted. Needs the tenant's scope.

    Returns how many of them are cancelled instead, since their app is deleted.
    """
    with pipelined():
        written = [send(_HAND_BACK, [run.id, run.fence]) for run in runs]
    return [state for rows in written for (state,) in rows()].count("cancelled")
