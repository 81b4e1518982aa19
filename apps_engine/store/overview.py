"""Counting the runs of a tenant, app by app along their index: bounded whatever is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

# Of each app; older runs of a busier one are left out of what is counted.
MOST_RUNS = 5_000

_BY_DAY = """
SELECT app.id, (run.created_at AT TIME ZONE %s)::date AS day, count(*),
       count(*) FILTER (WHERE run.state IN ('failed', 'dead')),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM run.finished_at - run.started_at))
FROM engine_app app
CROSS JOIN LATERAL (
    SELECT state, created_at, started_at, finished_at FROM engine_execution
    WHERE app_id = app.id ORDER BY id DESC LIMIT %s
) run
WHERE run.created_at >= %s AND app.id = ANY(%s)
GROUP BY GROUPING SETS ((app.id, day), (day))
ORDER BY day
"""

# A run that is another one once more carries the number of that one in its key.
_GIVEN_UP = """
WITH latest AS MATERIALIZED (
    SELECT run.id, run.app_id, run.state, run.finished_at,
           CASE WHEN run.trigger_key ~ '^(again|replay):' THEN split_part(run.trigger_key, ':', 2) END AS earlier
    FROM engine_app app
    CROSS JOIN LATERAL (
        SELECT id, app_id, state, trigger_key, created_at, finished_at FROM engine_execution
        WHERE app_id = app.id ORDER BY id DESC LIMIT %s
    ) run
    WHERE app.status = ANY(%s) AND run.created_at >= %s
)
SELECT app.id, app.name, count(*), max(dead.id), max(dead.finished_at)
FROM latest dead JOIN engine_app app ON app.id = dead.app_id
WHERE dead.state = 'dead' AND NOT EXISTS (
    SELECT 1 FROM latest again WHERE again.app_id = dead.app_id AND again.earlier = dead.id::text)
GROUP BY app.id, app.name ORDER BY max(dead.id) DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class DayCount:
    """The runs of one day: of an app, or of all where `app_id` is None. `median` is in seconds, of those that ended."""

    app_id: int | None
    day: date
    runs: int
    failed: int
    median: float | None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The dead runs of an app that nobody took up again: how many, the last one's number and when that ended."""

    app_id: int
    app_name: str
    count: int
    last: int
    at: datetime


def runs_by_day(app_ids: Sequence[int], since: datetime, timezone: str) -> list[DayCount]:
    """The days since then, in that time zone, on which these apps ran. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, [timezone, MOST_RUNS, since, list(app_ids)])
        return [DayCount(*row) for row in cursor.fetchall()]


def runs_given_up(statuses: Sequence[str], since: datetime, most: int) -> list[GivenUp]:
    """Of each app in one of the statuses, of runs made since then, the app of the last one first.

    A retry is not dead any more, and one that was run again is done with. Needs the tenant's scope.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN_UP, [MOST_RUNS, list(statuses), since, most])
        return [GivenUp(*row) for row in cursor.fetchall()]
