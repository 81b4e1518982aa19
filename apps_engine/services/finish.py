"""The end of an attempt, fenced: final state, counters, auto-pause, audit and notice together (docs/execution.md 9)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from apps_engine.language.plan import Plan, RetryPolicy
from apps_engine.runtime.run import Outcome
from apps_engine.services.auto_pause import pause_after_failures
from apps_engine.services.counting import count_end
from apps_engine.services.decisions import QUOTA_CODES, Refusal, record_decisions
from apps_engine.services.engine.doubts import leave_in_doubt
from apps_engine.services.engine.work import HANDED_BACK, FencedWork
from apps_engine.services.hints import hint_runs
from apps_engine.services.notices import tell_admins
from apps_engine.store.models import App, Execution

LONGEST_BACKOFF = timedelta(hours=6)
# The random part of a backoff: retries of many runs that failed together do not come back together.
JITTER = 0.2


def finish(execution: Execution, plan: Plan, outcome: Outcome, work: FencedWork) -> str:
    """Write how the attempt ended, with whatever of it is not committed yet; raises Stopped if the lease is lost."""
    work.open()
    error = None if outcome.error is None else {**outcome.error, "path": outcome.path}
    # An attempt that was stopped says nothing new: what failed before it, and how often, is still so.
    said = {} if outcome.status == "stopped" else {"result": outcome.result, "error": error}
    ending = {**said, **_ENDINGS[outcome.status](execution, plan, outcome)}
    if plan.calls_out and "finished_at" in ending:
        leave_in_doubt(execution.pk, execution.app_id, work.claimed.fence)
    work.commit(ending=ending)
    count_end(execution, ending, work.claimed.fence)
    return str(ending["state"])


def finish_unplannable(execution: Execution, fault: Exception, work: FencedWork) -> str:
    """End a run whose version does not compile any more, such as after a block it uses was removed."""
    error = {
        "code": "definition_outdated",
        "message": f"Version {execution.version.number} of this app cannot be run here any more ({fault}).",
        "hint": "Open the app, correct its definition and save it as a new version.",
        "retryable": False,
    }
    _count_failure(execution, error)
    _tell_unplanned(execution, error)
    leave_in_doubt(execution.pk, execution.app_id, work.claimed.fence)
    ending = {"state": Execution.State.FAILED, "error": error, "finished_at": timezone.now()}
    work.commit(ending=ending)
    count_end(execution, ending, work.claimed.fence)
    return str(ending["state"])


def finish_dead(execution: Execution) -> None:
    """End a run whose worker died at its last attempt, unless somebody else did. Needs the tenant's scope."""
    begun = "once" if execution.attempt == 1 else f"{execution.attempt} times"
    error = {
        "code": "worker_lost",
        "message": f"This run was begun {begun}, and its worker stopped in the middle of the last attempt.",
        "hint": "Look at what the last step was doing; the run is not tried again by itself.",
        "retryable": False,
    }
    state = {"state": Execution.State.DEAD, "error": error, "finished_at": timezone.now(), "lease_until": None}
    current = Execution.objects.filter(pk=execution.pk, fence=execution.fence, state=Execution.State.RUNNING)
    if current.update(**state):
        _count_failure(execution, error)
        _tell_unplanned(execution, error)
        leave_in_doubt(execution.pk, execution.app_id, execution.fence)
        count_end(execution, state, execution.fence)


def _succeeded(execution: Execution, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    tell_of_recovery(execution.app, plan)
    return {"state": Execution.State.SUCCEEDED, "finished_at": timezone.now()}


def tell_of_recovery(app: App, plan: Plan) -> None:
    """An app that failed before, and whose run ended well, works again. Needs the tenant's scope.

    At most once a day for each app; of one that was paused for its failures also where failures are not told.
    """
    if not app.consecutive_errors and not app.status_reason:
        return
    is_active = App.objects.filter(pk=app.pk, status=App.Status.ACTIVE).update(status_reason="")
    if is_active and (plan.notify_on_error or app.status_reason):
        today = timezone.now().date().isoformat()
        body = f"A run succeeded after this: {app.status_reason}" if app.status_reason else "A run succeeded again."
        tell_admins(app, f"“{app.name}” works again", body, key=f"recovered:{app.pk}:{today}")


def _failed(execution: Execution, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    error = dict(outcome.error or {})
    policy = outcome.retry or plan.retry
    # A step's own rule counts what failed at that step, the app's the attempts of the run.
    tried = int(error.get("attempts", execution.attempt))
    if error.get("retryable") and tried < policy.max_attempts:
        wait = int(error.get("retry_after") or 0)
        run_at = next_attempt(policy, tried, timezone.now(), wait)
        return {"state": Execution.State.QUEUED, "run_at": run_at}
    _count_failure(execution, error)
    if plan.notify_on_error:
        _tell_of_failure(execution, error)
    state = Execution.State.DEAD if error.get("retryable") else Execution.State.FAILED
    return {"state": state, "finished_at": timezone.now(), "result": outcome.response, "error": outcome.fault}


def _suspended(execution: Execution, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    if outcome.until is None:
        return {"state": Execution.State.PAUSED}
    return {"state": Execution.State.QUEUED, "run_at": outcome.until, "attempt": execution.attempt - 1}


def _skipped(execution: Execution, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    record_decisions([skip_refusal(execution, outcome)])
    return skip_ending(outcome)


def skip_refusal(execution: Execution, outcome: Outcome) -> Refusal:
    """Why a run that was due did nothing."""
    event_id = (execution.trigger.get("event") or {}).get("id", "")
    message = (outcome.error or {}).get("message", "")
    details = {"run": execution.pk, "delay": execution.trigger.get("delay"), "message": message}
    return Refusal(execution.app_id, execution.trigger_id, outcome.reason, event_id, details)


def skip_ending(outcome: Outcome) -> dict[str, Any]:
    """What is written of such a run."""
    return {"state": Execution.State.SKIPPED, "finished_at": timezone.now(), "error": outcome.error}


def _stopped(execution: Execution, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    """The app was paused or deleted, the run cancelled, or the worker told to stop.

    A paused app's run waits and goes on when it resumes, that of a worker which stops goes on elsewhere at once.
    """
    if outcome.reason == HANDED_BACK:
        hint_runs({execution.pk: execution.lane})
    if outcome.reason in (App.Status.PAUSED, App.Status.ERROR, HANDED_BACK):
        return {"state": Execution.State.QUEUED, "attempt": execution.attempt - 1}
    return {"state": Execution.State.CANCELLED, "finished_at": timezone.now()}


_ENDINGS: Mapping[str, Callable[[Execution, Plan, Outcome], dict[str, Any]]] = {
    "succeeded": _succeeded,
    "failed": _failed,
    "suspended": _suspended,
    "skipped": _skipped,
    "stopped": _stopped,
}


def next_attempt(policy: RetryPolicy, attempt: int, now: datetime, wait: int = 0) -> datetime:
    """When the attempt after number `attempt` is due (RUN-03): not before the seconds that the other side asked for."""
    doublings = attempt - 1 if policy.backoff == "exponential" else 0
    seconds = min(policy.base_seconds * 2**doublings, Decimal(LONGEST_BACKOFF.total_seconds()))
    spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 - no secret
    # Many runs that were asked to wait together do not come back together either, and none of them early.
    asked = min(wait, LONGEST_BACKOFF.total_seconds()) * (1 + random.uniform(0, JITTER))  # noqa: S311 - no secret
    return now + timedelta(seconds=max(float(seconds) * spread, asked))


def _count_failure(execution: Execution, error: Mapping[str, Any]) -> None:
    """Count it; after too many in a row pause the app and tell the admins (RUN-06)."""
    # What a quota ends is no fault of the app's: it is not paused for it.
    counts = 0 if error.get("code") in QUOTA_CODES else 1
    App.objects.filter(pk=execution.app_id).update(
        runs=F("runs") + 1,
        errors=F("errors") + 1,
        consecutive_errors=F("consecutive_errors") + counts,
        last_run_at=timezone.now(),
    )
    pause_after_failures(execution.app_id, error)


def _tell_unplanned(execution: Execution, error: Mapping[str, Any]) -> None:
    """The same where the definition is not compiled: it may be what does not compile, or what killed the worker."""
    settings = execution.version.definition.get("settings") or {}
    if settings.get("notify_on_error", True):
        _tell_of_failure(execution, error)


def _tell_of_failure(execution: Execution, error: Mapping[str, Any]) -> None:
    """At most once a day for each app, however often it fails."""
    today = timezone.now().date().isoformat()
    body = f"{error.get('message', '')} {error.get('hint', '')}".strip()
    tell_admins(execution.app, f"“{execution.app.name}” failed", body, key=f"failed:{execution.app_id}:{today}")
