"""Due schedules become executions (docs/execution.md 2). Any number of ticks may run at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, connections
from django.db.models import F

from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Plan
from apps_engine.services.admission import Candidate, admit
from apps_engine.services.decisions import Refusal, outdated, record_decisions
from apps_engine.services.enqueue import Start, execution_of
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import OUTDATED, plans_of
from apps_engine.services.schedules import Due, database_now, missed, move_on, passed, read_due
from apps_engine.services.triggers import kept_waiting, trigger_of
from apps_engine.store.models import App, AppVersion, Schedule
from decommerce.operations.metrics import SWEEP_FINDS
from decommerce.tenancy.context import tenant_scope

logger = logging.getLogger(__name__)

BATCH = 500
# Its number, and its plan, or why it has none.
Version = tuple[int, Plan | Exception]
# Somebody's lock is waited for by the next tick: the schedules of the others are due as well.
LOCK_SECONDS = 1.0


def tick() -> int:
    """Fire what is due by the database's clock; returns how many executions were made.

    The tenants take turns, a batch each, until none has another full one. What one of them fails with keeps nothing
    from the others; raises only when the database cannot be reached.
    """
    made = 0
    tenant_ids = _tenants_with_due_schedules()
    while tenant_ids:
        more = []
        for tenant_id in tenant_ids:
            fired, is_full = _tick_one(tenant_id)
            made += fired
            if is_full:
                more.append(tenant_id)
        tenant_ids = more
    return made


def _tick_one(tenant_id: int) -> tuple[int, bool]:
    """How many executions were made of a tenant's batch, and whether it was a full one."""
    try:
        with tenant_scope(tenant_id, boundary="tick", patience=LOCK_SECONDS):
            now = database_now()
            due = _due(now)
            return _fire_all(due, now), len(due) == BATCH
    except Exception:
        # With the database away nobody's would be fired: whoever ticks waits for it.
        if not connection.is_usable():
            raise
        SWEEP_FINDS.labels("unfired").inc()
        logger.exception("the schedules of tenant %s could not be fired; the next tick tries again", tenant_id)
        return 0, False


def _tenants_with_due_schedules() -> list[int]:
    with connections["scheduler"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM engine_schedule WHERE next_fire_at <= now()")
        return [row[0] for row in cursor.fetchall()]


def _due(now: datetime) -> list[Schedule]:
    """The schedules that have been due for the longest, with their apps, locked."""
    return list(
        Schedule.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(next_fire_at__lte=now)
        .exclude(app__status=App.Status.DELETED)
        .select_related("app")
        .order_by("next_fire_at")[:BATCH]
    )


def _fire_all(due: Sequence[Schedule], now: datetime) -> int:
    candidates: list[Candidate] = []
    readable, refusals = read_due(due, now)
    versions = _current_versions([one.schedule.app for one in readable])
    plans = plans_of(set(versions.values()))
    for one in readable:
        version_id = versions[one.schedule.app_id]
        if _may_start(one.schedule, plans[version_id]):
            _fire(one, (version_id, plans[version_id]), now, candidates, refusals)
        else:
            refusals.append(passed(one))
    admitted = admit(candidates)
    record_decisions(refusals + admitted.refusals)
    move_on(due, readable)
    hint_runs(admitted.lanes)
    return len(admitted.ids)


def _may_start(schedule: Schedule, plan: Plan | Exception) -> bool:
    return schedule.app.status == App.Status.ACTIVE or schedule.trigger_id in kept_waiting(schedule.app, plan)


def _current_versions(apps: Sequence[App]) -> dict[int, int]:
    """The number of each app's current version's row."""
    current = AppVersion.objects.filter(app_id__in={app.pk for app in apps}, number=F("app__version_number"))
    return dict(current.values_list("app_id", "pk"))


def _fire(due: Due, version: Version, now: datetime, candidates: list[Candidate], refusals: list[Refusal]) -> None:
    """The latest missed fire runs if it is inside the catch-up time; those before it are decisions."""
    schedule, (*late, nominal) = due.schedule, due.fires
    if now - nominal > timedelta(seconds=schedule.catch_up_seconds):
        late.append(nominal)
    else:
        _start(schedule, version, nominal, now, candidates, refusals)
    if late:
        refusals.append(missed(schedule, late))


def _start(
    schedule: Schedule,
    version: Version,
    nominal: datetime,
    now: datetime,
    candidates: list[Candidate],
    refusals: list[Refusal],
) -> None:
    app, (version_id, plan) = schedule.app, version
    try:
        if isinstance(plan, Exception):
            raise plan
        trigger = trigger_of(plan, schedule.trigger_id)
    except OUTDATED as error:
        refusals.append(outdated(app.pk, schedule.trigger_id, error))
        return
    data = {"scheduled_for": format_instant(nominal)}
    key = f"{trigger.id}:cron:{format_instant(nominal)}"
    try:
        execution = execution_of(app.pk, version_id, plan, Start(trigger=trigger, key=key, run_at=now, data=data))
    except LanguageError as error:
        details = {"code": error.code, "message": error.message, "scheduled_for": format_instant(nominal)}
        refusals.append(Refusal(app.pk, trigger.id, "invalid", details=details))
        return
    candidates.append(Candidate(execution, plan.on_quota, mode=plan.concurrency[trigger.id].mode))
