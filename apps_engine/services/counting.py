"""Counting how attempts end, once that is committed (OPS-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps_engine.store.models import Execution
from decommerce.operations.metrics import LEASES_LOST, RETRIES, RUNNING, RUNS, WAITING, count_failure


def count_end(execution: Execution, ending: Mapping[str, Any], fence: int) -> None:
    """`ending` is what was written of the execution, `fence` that of the attempt; only the first one is timed."""
    error, finished_at = ending.get("error"), ending.get("finished_at")
    # It waits, and its attempt was given back: it neither failed nor is tried again.
    if "attempt" in ending:
        return
    # What was skipped ended well: its error is only the reason.
    if error and ending["state"] != Execution.State.SKIPPED:
        count_failure(str(error.get("code", "")))
    if finished_at is None:
        RETRIES.inc(1 if error else 0)
        return
    RUNS.labels(ending["state"]).inc()
    if fence == 1:
        _time(execution, finished_at)


def count_successes_together(executions: Sequence[Execution]) -> None:
    """Runs that succeeded in one transaction, at their first attempt."""
    RUNS.labels(Execution.State.SUCCEEDED).inc(len(executions))
    now = timezone.now()
    for execution in executions:
        _time(execution, now)


def count_cancelled(number: int) -> None:
    """Runs that were cancelled from outside, not by the worker that has them; once that is committed."""
    transaction.on_commit(lambda: RUNS.labels(Execution.State.CANCELLED).inc(number))


def count_leases_lost(number: int) -> None:
    """Runs that a worker had to let go of, since it had been silent for too long."""
    LEASES_LOST.inc(number)


def _time(execution: Execution, finished_at: datetime) -> None:
    if execution.started_at is not None:
        WAITING.observe(_seconds(execution.run_at, execution.started_at))
        RUNNING.observe(_seconds(execution.started_at, finished_at))


def _seconds(earlier: datetime, later: datetime) -> float:
    return max(0.0, (later - earlier).total_seconds())
