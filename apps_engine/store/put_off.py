"""Runs that were put off until a quota has room: due again at once where it has (RUN-07)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from decommerce.tenancy.context import current_tenant_id

# So many at once; more find their hour.
MOST = 10_000
# Put off is what was to begin at once and waits for a full hour. What has a time of its own keeps it: the delays of a
# sequence, tasks, and copies that begin at a pace.
_NOT_BEGUN = """
    e.started_at IS NULL AND e.run_at = date_trunc('hour', e.run_at, 'UTC')
    AND e.trigger_type NOT IN ('delayed', 'task') AND e.trigger_key NOT LIKE 'replay:%%'"""
# It met the quota at work.
_BEGUN = "e.started_at IS NOT NULL AND e.error ->> 'code' = %(code)s"
_FOUND = """
    SELECT e.id, e.run_at FROM engine_execution e JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
    WHERE e.tenant_id = %(tenant)s AND e.state = 'queued' AND e.run_at > now() AND {which}
    ORDER BY e.run_at, e.priority, e.id LIMIT %(most)s"""
_COUNT = f"SELECT count(*) FROM ({_FOUND.format(which=_NOT_BEGUN)}) AS found"  # noqa: S608
_LET_GO = """
WITH found AS ({found} FOR UPDATE OF e SKIP LOCKED)
UPDATE engine_execution SET run_at = now() FROM found WHERE engine_execution.id = found.id
RETURNING engine_execution.id, engine_execution.lane, found.run_at
"""
_BEGIN = _LET_GO.format(found=_FOUND.format(which=_NOT_BEGUN))
_GO_ON = _LET_GO.format(found=_FOUND.format(which=_BEGUN))


class LetGo(NamedTuple):
    """A run that is due now; `put_off` is the time that it waited for."""

    id: int
    lane: str
    put_off: datetime


def put_off() -> int:
    """How many runs wait for the quota of runs alone, MOST at most. Needs the tenant's scope, as all here."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"tenant": current_tenant_id(), "most": MOST})
        (count,) = cursor.fetchone()
    return int(count)


def begin_now(most: int) -> list[LetGo]:
    """Those that wait for the quota of runs are due, the first ones first."""
    return _let_go(_BEGIN, most)


def go_on_now(code: str) -> list[LetGo]:
    """Those that met a quota at work, an error with this code, are due."""
    return _let_go(_GO_ON, MOST, code)


def _let_go(statement: str, most: int, code: str = "") -> list[LetGo]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"tenant": current_tenant_id(), "most": most, "code": code})
        return [LetGo(*row) for row in cursor.fetchall()]
