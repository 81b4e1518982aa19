"""What is queued: the runs that are due, in whose line they stand, and whose turn it is (docs/execution.md 3 and 4).

These statements run as the scheduler's role, which sees scheduling columns of all tenants and nothing else. The
database's clock rules.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import connections

SCHEDULER = "scheduler"
# Of one tenant's line so many are looked at.
_FRONT = 100


class Queued(NamedTuple):
    """An execution that waits; `most` of its key run at once, 0 is any number.

    `crowded` says that others of its app wait behind the same key: they may be run with it.
    """

    id: int
    app_id: int
    concurrency_key: str
    most: int
    lane: str
    crowded: bool

    @property
    def key(self) -> tuple[int, str]:
        """What its lock is named for."""
        return self.app_id, self.concurrency_key


# The tenants that have anything queued, one step of the index each, and the front of each one's line.
_FRONTS = """
    WITH RECURSIVE tenant AS (
        (SELECT min(tenant_id) AS id FROM engine_execution WHERE state = 'queued')
        UNION ALL
        SELECT (SELECT min(tenant_id) FROM engine_execution WHERE state = 'queued' AND tenant_id > tenant.id)
        FROM tenant WHERE tenant.id IS NOT NULL
    ), busy AS (
        SELECT app_id, concurrency_key, count(*) AS runs FROM engine_execution
        WHERE state = 'running' AND exclusive GROUP BY app_id, concurrency_key
    )
    SELECT e.*, row_number() OVER (PARTITION BY e.tenant_id ORDER BY e.priority, e.run_at, e.id) AS turn
    FROM tenant CROSS JOIN LATERAL (
        SELECT q.id, q.tenant_id, q.priority, q.run_at, q.app_id, q.concurrency_key, q.exclusive, q.slots, q.lane
        FROM engine_execution q JOIN engine_app a ON a.id = q.app_id AND a.status = 'active'
        LEFT JOIN busy ON busy.app_id = q.app_id AND busy.concurrency_key = q.concurrency_key
        WHERE q.tenant_id = tenant.id AND q.state = 'queued' AND q.run_at <= now() - make_interval(secs => %(waited)s)
          AND (NOT q.exclusive OR COALESCE(busy.runs, 0) < q.slots)
          AND (%(lane)s::text IS NULL OR q.lane = %(lane)s)
        ORDER BY q.priority, q.run_at LIMIT %(front)s
    ) e"""

# The first of a line is looked for in its index; whether there is any, wherever one may be.
_QUEUED = """
SELECT e.id, e.app_id, e.concurrency_key, CASE WHEN e.exclusive THEN e.slots ELSE 0 END, e.lane,
    COALESCE((
        SELECT true FROM engine_execution o WHERE o.app_id = e.app_id AND o.concurrency_key = e.concurrency_key
        AND o.state = 'queued' AND o.run_at <= now() AND o.id <> e.id ORDER BY o.priority LIMIT 1), false)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS given (id, place)
CROSS JOIN LATERAL (
    SELECT id, app_id, concurrency_key, exclusive, slots, lane, state FROM engine_execution
    WHERE id = given.id LIMIT 1) e
WHERE e.state = 'queued' ORDER BY given.place
"""

_WAITING = """
SELECT e.id FROM unnest(%(apps)s::bigint[], %(texts)s::text[]) AS key (app_id, concurrency_key)
JOIN engine_app a ON a.id = key.app_id AND a.status = 'active'
CROSS JOIN LATERAL (
    SELECT q.id, q.priority, q.run_at FROM engine_execution q
    WHERE q.app_id = key.app_id AND q.concurrency_key = key.concurrency_key AND q.state = 'queued' AND q.run_at <= now()
    ORDER BY q.priority, q.run_at, q.id LIMIT %(limit)s
) e ORDER BY e.priority, e.run_at, e.id LIMIT %(limit)s
"""

# Those of deleted apps too, whom nobody claims: the sweep ends them.
_OVERDUE = "SELECT id FROM ({fronts}) front ORDER BY turn, priority, run_at LIMIT %(limit)s".replace(
    "{fronts}", _FRONTS.replace("a.status = 'active'", "a.status IN ('active', 'deleted')")
)
# Where there are more tenants than fit, chance is fair and age is not: who has a backlog is always the oldest.
_HEADS = "SELECT id FROM ({fronts}) front ORDER BY random() LIMIT %(limit)s".replace("{fronts}", _FRONTS)


def due_keys(ids: Sequence[int]) -> list[Queued]:
    """Those that are still queued, in the order given."""
    if not ids:
        return []
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_QUEUED, [list(dict.fromkeys(ids))])
        return [Queued(*row) for row in cursor.fetchall()]


def waiting(keys: Collection[tuple[int, str]], limit: int) -> list[int]:
    """Due executions of these (app id, concurrency key), oldest first."""
    apps, texts = [app_id for app_id, _ in keys], [text for _, text in keys]
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_WAITING, {"apps": apps, "texts": texts, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def overdue(older_than_seconds: float, limit: int) -> list[int]:
    """Executions that should have been claimed by now: their hint was lost, or never sent. The tenants take turns."""
    return _fronts(_OVERDUE, older_than_seconds, _FRONT, limit)


def heads(older_than_seconds: float, limit: int, lane: str | None = None) -> list[int]:
    """The most urgent execution of each tenant among those, of a lane where one is given, that waited for so long."""
    return _fronts(_HEADS, older_than_seconds, 1, limit, lane)


def _fronts(statement: str, waited_seconds: float, front: int, limit: int, lane: str | None = None) -> list[int]:
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(statement, {"waited": waited_seconds, "front": front, "limit": limit, "lane": lane})
        return [row[0] for row in cursor.fetchall()]
