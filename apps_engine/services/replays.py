"""Many runs of an app once more, at a rate (RUN-13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from django.utils.crypto import get_random_string

from apps_engine.services.admission import Candidate, admit
from apps_engine.services.apps import current_version, get_app
from apps_engine.services.authority import require_own_accounts
from apps_engine.services.enqueue import BACKLOG
from apps_engine.services.errors import InputsRefused, NotRunnable
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import plan_of
from apps_engine.services.retries import RETRYABLE, copy_of
from apps_engine.services.runs import FINAL, RunFilter, require_active
from apps_engine.store.models import App, Execution
from apps_engine.store.requeue import requeue
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal

Way = Literal["retry", "again"]
WAYS: tuple[Way, ...] = ("retry", "again")
MOST_AT_ONCE = 1_000
MOST_PER_MINUTE = 6_000


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a replay: runs that matched, that are queued now, and that could not be; `reason` of the first.

    `left` says whether more match than one call takes: the oldest are taken first. `last` is the number of the last run
    that this call looked at, 0 where none matched: the next call begins `after` it.
    """

    matched: int
    queued: int
    refused: int
    left: bool
    reason: str = ""
    last: int = 0


def replay_runs(
    principal: Principal,
    app_id: int | str,
    *,
    way: Way = "retry",
    which: RunFilter,
    per_minute: int = 60,
    limit: int = MOST_AT_ONCE,
) -> Replay:
    """Retry the runs where they failed, or run them again with the newest version; audited as one deed.

    Without states in the filter the failed and dead ones; with `after` in it, those behind the `last` of a call before.
    New runs queue behind each other whatever the app's mode, and count in the quota. Raises NotRunnable where the app
    is not active, and AccountsOfAnother.
    """
    principal.require("apps:run")
    app = get_app(principal, app_id)
    require_active(app)
    states = which.states or RETRYABLE
    wrong = [state for state in states if state not in (RETRYABLE if way == "retry" else FINAL)]
    if wrong:
        raise NotRunnable(f"A run that is {wrong[0]} cannot be replayed so.", hint="See which states a replay takes.")
    matching = replace(which, states=states).of(Execution.objects.filter(app=app))
    runs = list(matching.select_related("version").order_by("pk")[: limit + 1])
    left, runs = len(runs) > limit, runs[:limit]
    for version in {current_version(app)} if way == "again" else {run.version for run in runs}:
        require_own_accounts(principal, app, version)
    seconds_apart = 60 / per_minute
    if way == "retry":
        queued, reason = _retried(runs, seconds_apart), ""
    else:
        queued, reason = _again(principal, app, runs, seconds_apart)
    replay = Replay(len(runs), queued, len(runs) - queued, left, reason, last=runs[-1].pk if runs else 0)
    details = {"way": way, "matched": replay.matched, "queued": replay.queued, "per_minute": per_minute}
    record_audit(principal, "runs.replayed", f"app:{app.pk}", details)
    return replay


def _retried(runs: Sequence[Execution], seconds_apart: float) -> int:
    due = requeue([run.pk for run in runs], RETRYABLE, seconds_apart, BACKLOG)
    hint_runs([run_id for run_id, now in due.items() if now])
    return len(due)


def _again(principal: Principal, app: App, runs: Sequence[Execution], seconds_apart: float) -> tuple[int, str]:
    """How many were queued, and why the first of the others was not."""
    version, now, token = current_version(app), timezone.now(), get_random_string(12)
    on_quota = plan_of(version.pk).on_quota
    candidates: list[Candidate] = []
    reasons: list[str] = []
    for earlier in runs:
        run_at = now + timedelta(seconds=seconds_apart * len(candidates))
        try:
            copy = copy_of(
                earlier, version, key=f"replay:{earlier.pk}:{token}", run_at=run_at, asked_by=principal.label
            )
        except (NotRunnable, InputsRefused) as refused:
            reasons.append(refused.message)
        else:
            copy.priority = BACKLOG
            candidates.append(Candidate(copy, on_quota))
    admitted = admit(candidates)
    reasons += [refusal.details["sentence"] for refusal in admitted.refusals]
    queued = {candidate.execution.pk: candidate.execution.run_at for candidate in candidates}
    hint_runs([run_id for run_id in admitted.ids if queued[run_id] <= now])
    return len(admitted.ids), next(iter(reasons), "")
