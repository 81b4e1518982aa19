"""The Celery tasks. Each is a hint to look at PostgreSQL; losing one or getting it twice changes nothing."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from billiard import active_children
from celery import shared_task
from celery.signals import task_prerun, worker_init, worker_shutdown, worker_shutting_down
from django.db import close_old_connections

from apps_engine.services import tick as schedules
from apps_engine.services.deprecations import tell_owners
from apps_engine.services.hints import CALL_TASK, DELIVER_TASK, RUN_TASK
from apps_engine.services.shadow_turns import take_turns
from apps_engine.store.models import Lane
from decommerce import stopping
from decommerce.operations.exposition import serve_counts
from decommerce.operations.presence import tell_presence
from decommerce.tenancy.models import Tenant
from workers.delivery import take_turn
from workers.retention import RETENTION_TASK, clear_old
from workers.runner import run_hinted
from workers.sessions import end_silent_sessions
from workers.sweeper import Sweeper

_sweeper = Sweeper()


@shared_task(name=RUN_TASK)
def run(execution_ids: list[int]) -> None:
    """Run these executions, those that still wait."""
    run_hinted(execution_ids, Lane.RUNS)


@shared_task(name=CALL_TASK)
def call(execution_ids: list[int]) -> None:
    """The same of executions that wait for somebody outside, whose workers keep nobody else waiting."""
    run_hinted(execution_ids, Lane.CALLS)


@shared_task(name="workers.tick")
def tick() -> None:
    """Fire the schedules that are due. Who is told to is told by beat."""
    tell_presence("beat")
    schedules.tick()


@shared_task(name=DELIVER_TASK)
def deliver() -> None:
    """Deliver messages that are due."""
    take_turn()


@shared_task(name="workers.deprecations")
def deprecations() -> None:
    """Tell the owners of apps what they use that goes away."""
    tell_owners(Tenant.objects.values_list("pk", flat=True))


@shared_task(name="workers.shadows")
def shadows() -> None:
    """Rehearse drafts beside live versions on what arrived."""
    take_turns()


@shared_task(name=RETENTION_TASK)
def retention(*place: Any) -> None:
    """Delete what has been kept for long enough; `place` is where the turn before ended."""
    clear_old(*place)


@task_prerun.connect
def drop_dead_connections(**_: Any) -> None:
    """A task begins on connections that answer: the database may have restarted since the last one."""
    close_old_connections()


@worker_init.connect
def start_sweeping(**_: Any) -> None:
    """Every worker sweeps, from before it knows whether there is a queue."""
    stopping.forget()
    end_silent_sessions()
    _sweeper.start()
    serve_counts()


@worker_shutting_down.connect
def begin_to_stop(**_: Any) -> None:
    """Tell the pool: runs stop at their next step and are handed back; what then still lasts is cut off in time."""
    stopping.begin()
    stopping.end_at_last(_end_at_once)


@worker_shutdown.connect
def stop_sweeping(**_: Any) -> None:
    """A worker that goes finds no more work."""
    _sweeper.stop()


def _end_at_once() -> None:
    """The pool waits for somebody outside. Its runs were handed back, and nothing of ours is kept in memory."""
    for child in active_children():
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    os._exit(0)
