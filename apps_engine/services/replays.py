"""Many runs of an app once more, at a rate (RUN-13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

from apps_engine.services.admission import Candidate, admit
from apps_engine.services.apps import current_version, get_app
from apps_engine.services.authority import require_own_accounts
from apps_engine.services.enqueue import BACKLOG
from apps_engine.services.errors import InputsRefused, NotRunnable
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import plan_of
from apps_engine.services.quotas import EXECUTIONS, windows_until
from apps_engine.services.retries import RETRYABLE, copy_of
from apps_engine.services.runs import FINAL, RunFilter
from apps_engine.store.models import App, AppVersion, Execution
from apps_engine.store.requeue import requeue
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import Principal

Way = Literal["retry", "again"]
WAYS: tuple[Way, ...] = ("retry", "again")
MOST_AT_ONCE = 1_000
MOST_PER_MINUTE = 6_000
# Of one press that retries; how long that takes is a matter of seconds. New runs of a press are `MOST_AT_ONCE`: as long
# as they are made nobody else of the community may count in the quota.
MOST_FAILED = 20_000
ONE_A_SECOND = 60
VERB = "runs.replayed"


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

    def followed_by(self, later: Replay) -> Replay:
        """Both as one."""
        return Replay(
            self.matched + later.matched,
            self.queued + later.queued,
            self.refused + later.refused,
            later.left,
            self.reason or later.reason,
            later.last or self.last,
        )


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
    New runs queue behind each other whatever the app's mode, and count in the quota of the hour in which they are to
    begin. Those of an app that is not active wait until it is resumed. Raises NotRunnable for a state that cannot be
    replayed so, and AccountsOfAnother.
    """
    principal.require("apps:run")
    app = get_app(principal, app_id)
    replay = _replayed(principal, app, _Pace(way, per_minute), which, limit)
    _record(principal, app, _Pace(way, per_minute), replay)
    return replay


@dataclass(frozen=True, slots=True)
class FailedReplay:
    """A replay of an app's failed runs: in which way, what became of it, when it was, and behind how many it began."""

    way: Way
    replay: Replay
    at: datetime
    behind: int = 0

    def still_begin(self) -> int:
        """How many of them have yet to begin now."""
        begun = int((timezone.now() - self.at).total_seconds())
        return max(0, self.behind + self.replay.queued - begun)


def replay_failed(principal: Principal, app_id: int | str, *, way: Way) -> Replay:
    """The failed and dead runs of an app, one a second, the oldest first: `MOST_FAILED` retried, or fewer run again.

    Audited as one deed, which `last_failed_replay` tells. Raises what `replay_runs` does.
    """
    return _pressed(principal, _only_here(principal, app_id), way)


def replay_others(principal: Principal, app_id: int | str) -> None:
    """Run again the failed runs that the last such press left, behind those of that press; nothing where it left none.

    Audited as `replay_failed` is. Raises what `replay_runs` does.
    """
    app = _only_here(principal, app_id)
    before = last_failed_replay(app, "again")
    if before is not None and before.replay.left:
        _pressed(principal, app, "again", after=before.replay.last, behind=before.still_begin())


def last_failed_replay(app: App, *ways: Way) -> FailedReplay | None:
    """What a press (in one of the ways, if given) did last with an app, as the audit log has it; None before any."""
    deeds = AuditEntry.objects.filter(target=f"app:{app.pk}", verb=VERB, details__has_key="last")
    deed = deeds.filter(details__way__in=ways or WAYS).order_by("-pk").first()
    if deed is None:
        return None
    told = deed.details
    refused = told["matched"] - told["queued"]
    replay = Replay(told["matched"], told["queued"], refused, told["left"], last=told["last"])
    return FailedReplay(told["way"], replay, deed.at, told.get("behind", 0))


def _only_here(principal: Principal, app_id: int | str) -> App:
    """An app, its failed runs being nobody else's to take up until the transaction ends."""
    principal.require("apps:run")
    app = get_app(principal, app_id)
    # Of two presses at once the second sees what the first has done.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('replays', %s))", [app.pk])
    return app


def _pressed(principal: Principal, app: App, way: Way, *, after: int = 0, behind: int = 0) -> Replay:
    most = MOST_FAILED if way == "retry" else MOST_AT_ONCE
    done = Replay(0, 0, 0, left=True, last=after)
    while done.left and done.matched < most:
        pace = _Pace(way, ONE_A_SECOND, behind=behind + done.queued)
        limit = min(MOST_AT_ONCE, most - done.matched)
        done = done.followed_by(_replayed(principal, app, pace, RunFilter(after=done.last), limit))
    _record(principal, app, _Pace(way, ONE_A_SECOND), done, left=done.left, last=done.last, behind=behind)
    return done


@dataclass(frozen=True, slots=True)
class _Pace:
    """In which way runs are taken up, how many a minute, and behind how many that were just queued."""

    way: Way
    per_minute: int
    behind: int = 0

    def begins_in(self, place: int) -> float:
        """The seconds until the run at that place of those that are queued now."""
        return 60 / self.per_minute * (self.behind + place)


def _replayed(principal: Principal, app: App, pace: _Pace, which: RunFilter, limit: int) -> Replay:
    states = which.states or RETRYABLE
    wrong = [state for state in states if state not in (RETRYABLE if pace.way == "retry" else FINAL)]
    if wrong:
        raise NotRunnable(f"A run that is {wrong[0]} cannot be replayed so.", hint="See which states a replay takes.")
    matching = replace(which, states=states).of(Execution.objects.filter(app=app))
    runs = list(matching.order_by("pk")[: limit + 1])
    left, runs = len(runs) > limit, runs[:limit]
    for version in _versions(app, pace.way, runs):
        require_own_accounts(principal, app, version)
    if pace.way == "retry":
        queued, reason = _retried(runs, pace), ""
    else:
        queued, reason = _again(principal, app, runs, pace)
    return Replay(len(runs), queued, len(runs) - queued, left, reason, last=runs[-1].pk if runs else 0)


def _versions(app: App, way: Way, runs: Sequence[Execution]) -> Iterable[AppVersion]:
    """Those that are run."""
    if way == "again":
        return [current_version(app)]
    return AppVersion.objects.defer("source").filter(pk__in={run.version_id for run in runs})


def _record(principal: Principal, app: App, pace: _Pace, replay: Replay, **more: object) -> None:
    counted = {"matched": replay.matched, "queued": replay.queued, "per_minute": pace.per_minute}
    record_audit(principal, VERB, f"app:{app.pk}", {"way": pace.way, **counted, **more})


def _retried(runs: Sequence[Execution], pace: _Pace) -> int:
    begin = [pace.begins_in(place) for place in range(len(runs))]
    due = requeue([run.pk for run in runs], RETRYABLE, begin, BACKLOG)
    hint_runs({run.pk: run.lane for run in runs if due.get(run.pk)})
    return len(due)


def _again(principal: Principal, app: App, runs: Sequence[Execution], pace: _Pace) -> tuple[int, str]:
    """How many were queued, and why the first of the others was not."""
    version, now, token = current_version(app), timezone.now(), get_random_string(12)
    on_quota = plan_of(version.pk).on_quota
    candidates: list[Candidate] = []
    reasons: list[str] = []
    for earlier in runs:
        run_at = now + timedelta(seconds=pace.begins_in(len(candidates)))
        try:
            copy = copy_of(
                earlier, version, key=f"replay:{earlier.pk}:{token}", run_at=run_at, asked_by=principal.label
            )
        except (NotRunnable, InputsRefused) as refused:
            reasons.append(refused.message)
        else:
            copy.priority = BACKLOG
            candidates.append(Candidate(copy, on_quota, ahead=windows_until(EXECUTIONS, run_at)))
    admitted = admit(candidates)
    reasons += [refusal.details["sentence"] for refusal in admitted.refusals]
    queued = {candidate.execution.pk: candidate.execution.run_at for candidate in candidates}
    hint_runs({number: lane for number, lane in admitted.lanes.items() if queued[number] <= now})
    return len(admitted.ids), next(iter(reasons), "")
