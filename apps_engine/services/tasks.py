"""Tasks: flows that an app sets for later, as runs that wait until they are due (ACT-09).

A task goes on where it was set: the same version, inputs, chain of apps and session, whatever becomes of the app.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from apps_engine.language.limits import SUPERPOWER, limit
from apps_engine.services.admission import Candidate, admit
from apps_engine.services.decisions import MOST_LINKS, record_decisions
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import plan_of
from apps_engine.services.quotas import is_counted
from apps_engine.store.inbox import NewExecution
from apps_engine.store.models import Execution
from decommerce.tenancy.errors import PlatformError

TASK = "task"
MOST_PENDING = limit(SUPERPOWER, "pending_tasks") or 0
LONGEST_DELAY = timedelta(hours=limit(SUPERPOWER, "delay_hours") or 0)


class TooManyTasks(PlatformError):
    """As many tasks wait in this session as may."""

    code = "too_many_tasks"
    status = 409


class TaskChainTooLong(PlatformError):
    """A task was set by a task that was set by a task: an app that sets tasks for ever never ends."""

    code = "task_chain_too_long"
    status = 409


@dataclass(frozen=True, slots=True)
class NewTask:
    """A flow to run after `delay`, with `data` as its trigger. `key` is the call's own; `name` the author's, if any."""

    flow: str
    delay: timedelta
    data: Mapping[str, Any]
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The run that waits, or why there is none: `duplicate`, while another task of that name waits, or `quota`."""

    task_id: int | None
    run_at: datetime | None
    skipped: str | None = None


def schedule_tasks(run_id: int, tasks: Sequence[NewTask]) -> list[TaskResult]:
    """Set tasks on behalf of a run, each once however often the call is tried.

    Raises TooManyTasks and TaskChainTooLong, and then sets none. Needs the tenant's scope.
    """
    origin = Execution.objects.get(pk=run_id)
    if origin.generation >= MOST_LINKS - 1:
        raise TaskChainTooLong(
            f"This is run number {MOST_LINKS} in a row, each set by the one before; it may set no other.",
            hint="Use a scheduled trigger for what is to happen again and again.",
        )
    waiting = _waiting(origin)
    now = timezone.now()
    new: list[NewExecution | None] = []
    for task in tasks:
        taken = task.name and any(key.startswith(_named(task.name)) for key in waiting)
        new.append(None if taken else _execution(origin, task, now))
        waiting += [] if taken else [_trigger_key(task)]
    if len(waiting) > MOST_PENDING:
        raise TooManyTasks(
            f"{len(waiting)} tasks would wait; at most {MOST_PENDING} may.",
            hint="Let one task do for several things, or set it once by giving it a `key`.",
        )
    # The draft of a rehearsal is stored nowhere.
    on_quota = plan_of(origin.version_id).on_quota if is_counted() else ""
    admitted = admit([Candidate(execution, on_quota) for execution in new if execution is not None])
    record_decisions(admitted.refusals)
    due = {execution.pk for execution in new if execution is not None and execution.run_at <= now}
    hint_runs({number: lane for number, lane in admitted.lanes.items() if number in due})
    return [_result(execution, admitted.ids) for execution in new]


def _waiting(origin: Execution) -> list[str]:
    """The keys of the tasks that wait in the run's session; nobody else sets one before the transaction ends."""
    with connection.cursor() as cursor:
        lock = f"tasks:{origin.tenant_id}:{origin.app_id}:{origin.session_key}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
    queued = Execution.objects.filter(app_id=origin.app_id, state=Execution.State.QUEUED, trigger_type=TASK)
    return list(queued.filter(session_key=origin.session_key).values_list("trigger_key", flat=True))


def _execution(origin: Execution, task: NewTask, now: datetime) -> NewExecution:
    """The run that waits. It queues behind others of its key, whatever the mode of what began it: it is not lost."""
    return NewExecution(
        app_id=origin.app_id,
        version_id=origin.version_id,
        flow=task.flow,
        trigger_type=TASK,
        trigger_key=_trigger_key(task),
        trigger=task.data,
        inputs=origin.inputs,
        chain=origin.chain,
        requested_by=origin.requested_by,
        session_key=origin.session_key,
        generation=origin.generation + 1,
        run_at=now + task.delay,
        priority=origin.priority,
        max_attempts=origin.max_attempts,
        concurrency_key=origin.concurrency_key,
        exclusive=origin.exclusive,
        slots=origin.slots,
        lane=origin.lane,
    )


def _trigger_key(task: NewTask) -> str:
    return f"{_named(task.name)}{task.key}"


def _named(name: str) -> str:
    """How the keys of tasks of that name begin."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:32] if name else ""
    return f"{TASK}:{digest}:"


def _result(execution: NewExecution | None, inserted: Sequence[int]) -> TaskResult:
    if execution is not None and execution.pk is None:
        return TaskResult(None, None, "quota")
    if execution is None or execution.pk not in inserted:
        return TaskResult(None, None, "duplicate")
    return TaskResult(execution.pk, execution.run_at)
