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


@dataclass(frozen=True, slots=True)
class DayCount:
    """The runs of one day: of an app, or of all where `app_id` is None. `median` is in seconds, of those that ended."""

    app_id: int | None
    day: date
    runs: int
    failed: int
    median: float | None


def runs_by_day(app_ids: Sequence[int], since: datetime, timezone: str) -> list[DayCount]:
    """The days since then, in that time zone, on which these apps ran. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, [timezone, MOST_RUNS, since, list(app_ids)])
        return [DayCount(*row) for row in cursor.fetchall()]
