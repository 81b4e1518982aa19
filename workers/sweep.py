"""Finding what was lost: expired leases, hints that never came, events and messages left behind (docs/execution.md 3).

Runs on every worker every few seconds, and needs no queue: with Redis empty or down it does the work itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models.functions import Now

from apps_engine.services.execute import cause_of
from apps_engine.services.finish import finish_dead
from apps_engine.services.hints import CALL_TASK, DELIVER_TASK, RUN_TASK, send_hint
from apps_engine.services.tick import tick
from apps_engine.store.claims import Claimed, exhausted, requeue_expired
from apps_engine.store.models import Execution, Lane
from apps_engine.store.queue import due_keys, overdue
from apps_engine.store.stranded import cancel_stranded
from decommerce.community.publisher import relay_pending
from decommerce.operations.figures import queue_lengths
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


def revive() -> None:
    """Hand back the runs of workers that are gone, and set going whatever nobody was told of."""
    expired = requeue_expired()
    if expired:
        SWEEP_FINDS.labels("expired").inc(len(expired))
        logger.warning("the workers of runs %s are gone; the runs go on elsewhere", expired)
    most = BATCH if _queue_is_long() else MOST_AT_ONCE
    late = overdue(HINT_SECONDS, most)
    found = list(dict.fromkeys([*expired, *late]))
    stranded = cancel_stranded(found)
    SWEEP_FINDS.labels("stranded").inc(len(stranded))
    ids = [number for number in found if number not in stranded]
    SWEEP_FINDS.labels("overdue").inc(len(set(ids).difference(expired)))
    hints = _hints_of(ids)
    for place, (task, chunk) in enumerate(hints):
        if not send_hint(task, chunk):
            run_hinted([number for _, left in hints[place:] for number in left])
            return


def _hints_of(ids: Sequence[int]) -> list[tuple[str, list[int]]]:
    """One hint for a few runs of a lane each: told to the other lane's workers they would stand in two lines."""
    lanes = {run.id: run.lane for run in due_keys(ids)}
    hints: list[tuple[str, list[int]]] = []
    for task, lane in ((RUN_TASK, Lane.RUNS), (CALL_TASK, Lane.CALLS)):
        of_lane = [number for number in ids if lanes.get(number) == lane]
        hints += [(task, of_lane[start : start + BATCH]) for start in range(0, len(of_lane), BATCH)]
    return hints


def _queue_is_long() -> bool:
    """Whether hints wait in a line: what is overdue then is late, not lost, and more hints would only lengthen it."""
    return queue_lengths().get(settings.CELERY_TASK_DEFAULT_QUEUE, 0) >= LONG_QUEUE


def end_exhausted() -> None:
    """End the runs whose worker died at the last attempt: poison work ends (docs/execution.md, promise 6)."""
    for work in exhausted():
        SWEEP_FINDS.labels("exhausted").inc()
        try:
            _end(work)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("run %s could not be ended; it is tried again at the next sweep", work.id)


def deliver() -> None:
    """Have the messages that are due delivered."""
    if tenants_with_messages() and not send_hint(DELIVER_TASK):
        deliver_due()


def _end(work: Claimed) -> None:
    with tenant_scope(work.tenant_id, boundary="dead"):
        lost = Execution.objects.select_for_update(of=("self",)).select_related("app")
        execution = lost.filter(pk=work.id, state=Execution.State.RUNNING, lease_until__lt=Now()).first()
        if execution is not None:
            with caused_by(cause_of(execution)):
                finish_dead(execution)
            logger.error("run %s of app %s is dead: it lost its worker at the last attempt", work.id, work.app_id)


# The tick is here too: with the queue down, or its workers busy, schedules fire all the same.
DUTIES: tuple[Callable[[], object], ...] = (revive, end_exhausted, tick, relay_pending, deliver)


def sweep() -> None:
    """One look at everything. A duty that fails is logged and keeps none of the others; raises DatabaseError."""
    tell_presence("worker")
    for duty in DUTIES:
        try:
            duty()
        except DatabaseError:
            raise
        except Exception:
            logger.exception("the sweep could not %s; it tries again in a moment", duty.__name__)
