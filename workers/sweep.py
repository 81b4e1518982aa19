"""Finding what was lost: expired leases, hints that never came, events and messages left behind (docs/execution.md 3).

Runs on every worker every few seconds, and needs no queue: with Redis empty or down it does the work itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from django.db import Error as DatabaseError
from django.db import connection, connections
from django.db.models.functions import Now

from apps_engine.services.counting import count_cancelled
from apps_engine.services.engine.doubts import leave_in_doubt
from apps_engine.services.execute import cause_of
from apps_engine.services.finish import finish_dead
from apps_engine.services.hints import DELIVER_TASK, TASKS, hints_waiting, send_hint
from apps_engine.services.runs import FINAL
from apps_engine.services.tick import tick
from apps_engine.store.claims import Claimed, exhausted, requeue_expired
from apps_engine.store.effects import left_claimed
from apps_engine.store.models import Execution
from apps_engine.store.queue import SCHEDULER, Queued, due_keys, overdue
from apps_engine.store.stranded import cancel_stranded
from decommerce.community.publisher import relay_pending
from decommerce.operations.metrics import SWEEP_FINDS
from decommerce.operations.presence import tell_presence
from decommerce.tenancy.cause import caused_by
from decommerce.tenancy.context import tenant_scope
from workers.delivery import deliver_due, tenants_with_messages
from workers.runner import BATCH, run_hinted

logger = logging.getLogger(__name__)
# A hint that takes longer than this is taken for lost.
HINT_SECONDS = 2.0
MOST_AT_ONCE = 200
LONG_QUEUE = 50
# Of these nobody waits for a run: a sweep goes on to the rest of its duties soon.
MOST_LEFT = 50


def revive() -> None:
    """Hand back the runs of workers that are gone, and set going whatever nobody was told of."""
    expired = requeue_expired()
    if expired:
        SWEEP_FINDS.labels("expired").inc(len(expired))
        some = list(expired)[:MOST_AT_ONCE]
        logger.warning("the workers of %s runs are gone; the runs go on elsewhere: %s", len(expired), some)
    found = [*expired, *overdue(HINT_SECONDS, MOST_AT_ONCE)]
    stranded = cancel_stranded(found)
    SWEEP_FINDS.labels("stranded").inc(len(stranded))
    count_cancelled(len(stranded) + list(expired.values()).count(Execution.State.CANCELLED))
    lost = _lost(due_keys(found), expired)
    SWEEP_FINDS.labels("overdue").inc(len({run.id for run in lost}.difference(expired)))
    hints = _hints_of(lost)
    for place, (task, chunk) in enumerate(hints):
        if not send_hint(task, chunk):
            run_hinted([number for _, left in hints[place:] for number in left])
            return


def _lost(found: Sequence[Queued], expired: Collection[int]) -> list[Queued]:
    """Without what is overdue in a lane whose hints wait in a line: it is late, not lost.

    More hints would only lengthen the line, and who works through it looks at the head of every community's.
    """
    short = {lane for lane, task in TASKS.items() if found and hints_waiting(task) < LONG_QUEUE}
    return [run for run in found if run.lane in short or run.id in expired]


def _hints_of(runs: Sequence[Queued]) -> list[tuple[str, list[int]]]:
    """One hint for a few runs of a lane each: told to the other lane's workers they would stand in two lines."""
    hints: list[tuple[str, list[int]]] = []
    for lane, task in TASKS.items():
        of_lane = [run.id for run in runs if run.lane == lane]
        hints += [(task, of_lane[start : start + BATCH]) for start in range(0, len(of_lane), BATCH)]
    return hints


def end_exhausted() -> None:
    """End the runs whose worker died at the last attempt: poison work ends (docs/execution.md, promise 6)."""
    for work in exhausted():
        SWEEP_FINDS.labels("exhausted").inc()
        try:
            _end(work)
        except Exception as error:
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise
            logger.exception("run %s could not be ended; it is tried again at the next sweep", work.id)


def doubt_left_calls() -> None:
    """Leave in doubt what runs were calling when they were cancelled, replaced, or deleted with their app."""
    for number, tenant_id in left_claimed(MOST_LEFT):
        SWEEP_FINDS.labels("left").inc()
        with tenant_scope(tenant_id, boundary="doubt"):
            run = Execution.objects.select_for_update().filter(pk=number, state__in=FINAL).first()
            if run is not None:
                leave_in_doubt(run.pk, run.app_id, run.fence)


def deliver() -> None:
    """Have the messages that are due delivered. One hint is enough for all of them, whoever sent it."""
    if tenants_with_messages() and not hints_waiting(DELIVER_TASK) and not send_hint(DELIVER_TASK):
        deliver_due()


def _end(work: Claimed) -> None:
    with tenant_scope(work.tenant_id, boundary="dead"):
        # Whoever has a lock on it is at work with it: looked at again by the next sweep.
        lost = Execution.objects.select_for_update(of=("self",), skip_locked=True).select_related("app")
        execution = lost.filter(pk=work.id, state=Execution.State.RUNNING, lease_until__lt=Now()).first()
        if execution is not None:
            with caused_by(cause_of(execution)):
                finish_dead(execution)
            logger.error("run %s of app %s is dead: it lost its worker at the last attempt", work.id, work.app_id)


# The tick is here too: with the queue down, or its workers busy, schedules fire all the same.
DUTIES: tuple[Callable[[], object], ...] = (revive, end_exhausted, tick, relay_pending, deliver, doubt_left_calls)


def sweep() -> None:
    """One look at everything. A duty that fails is logged and keeps none of the others.

    Raises DatabaseError only where the database cannot be reached: the others would only wait for it.
    """
    tell_presence("worker")
    for duty in DUTIES:
        try:
            duty()
        except Exception as error:
            # Each begins by asking as the scheduler's role.
            if isinstance(error, DatabaseError) and not connections[SCHEDULER].is_usable():
                raise
            logger.exception("the sweep could not %s; it tries again in a moment", duty.__name__)
