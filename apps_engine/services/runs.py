"""Runs: start one by hand, look at them, cancel one (APP-04, RUN-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from apps_engine.language.inputs import format_hint, input_defaults, inputs_validator, unknown_inputs
from apps_engine.language.instants import parse_instant
from apps_engine.language.kinds import excerpt
from apps_engine.language.plan import Plan, Trigger
from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem
from apps_engine.language.suggestions import did_you_mean
from apps_engine.services.admission import OVERLAP, Candidate, admit
from apps_engine.services.apps import current_version, get_app
from apps_engine.services.authority import require_own_accounts
from apps_engine.services.counting import count_cancelled
from apps_engine.services.decisions import record_decisions
from apps_engine.services.enqueue import Start, concurrency_of, execution_of
from apps_engine.services.errors import InputsRefused, NotRunnable, RunNotFound, RunsUsedUp
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import plan_of
from apps_engine.store.inbox import NewExecution
from apps_engine.store.models import App, Execution
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal

FINAL = (
    Execution.State.SUCCEEDED,
    Execution.State.FAILED,
    Execution.State.DEAD,
    Execution.State.SKIPPED,
    Execution.State.CANCELLED,
)


def run_app(principal: Principal, app_id: int | str, inputs: Mapping[str, Any] | None = None) -> Execution:
    """Queue a run by hand. While another runs, an app that skips overlaps gives a run in state `skipped`.

    Raises NotRunnable, InputsRefused, AccountsOfAnother, and RunsUsedUp where the community had as many runs as it may.
    """
    principal.require("apps:run")
    app = get_app(principal, app_id)
    require_active(app)
    version = current_version(app)
    require_own_accounts(principal, app, version)
    plan = plan_of(version.pk)
    start = Start(
        trigger=manual_trigger(plan),
        key=f"manual:{get_random_string(20)}",
        run_at=timezone.now(),
        inputs=checked_inputs(plan, inputs or {}),
        requested_by=principal.label,
    )
    execution = queue_by_hand(plan, execution_of(app.pk, version.pk, plan, start))
    record_audit(principal, "app.run", f"app:{app.pk}", {"run": execution.pk, "state": execution.state})
    return execution


def require_active(app: App) -> None:
    """Raise NotRunnable where nothing starts the app."""
    if app.status != App.Status.ACTIVE:
        raise NotRunnable(f"“{app.name}” is {app.status}.", hint="Resume it first.")


def queue_by_hand(plan: Plan, execution: NewExecution) -> Execution:
    """Store a run that somebody asked for; `skipped` where it would overlap another. Raises RunsUsedUp."""
    admitted = admit([Candidate(execution, plan.on_quota, mode=concurrency_of(plan, execution.trigger_id).mode)])
    for refusal in admitted.refusals:
        if refusal.outcome == OVERLAP:
            record_decisions([refusal])
            return _skipped(execution)
        left = parse_instant(refusal.details["resets_at"]) - timezone.now()
        retry_after = max(1, ceil(left.total_seconds()))
        raise RunsUsedUp(refusal.details["sentence"], hint="An operator can allow more.", retry_after=retry_after)
    hint_runs(admitted.lanes)
    (number,) = admitted.ids
    return Execution.objects.get(pk=number)


def _skipped(execution: NewExecution) -> Execution:
    now = timezone.now()
    error = {
        "code": OVERLAP,
        "message": "Another run of this app is waiting or running.",
        "hint": "Wait for it to end, or set settings.concurrency.mode to queue.",
    }
    ended = {"run_at": execution.run_at, "state": Execution.State.SKIPPED, "finished_at": now, "error": error}
    return Execution.objects.create(**{**execution.columns(), **ended})


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs: in these states, made in [since, until), with an error of this code.

    Their numbers are below `before` and above `after`.
    """

    states: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    error_code: str = ""
    before: int | None = None
    after: int | None = None

    def of(self, runs: QuerySet[Execution]) -> QuerySet[Execution]:
        """Those of the runs that it lets through."""
        given = {
            "state__in": tuple(self.states),
            "created_at__gte": self.since,
            "created_at__lt": self.until,
            "error__code": self.error_code,
            "pk__lt": self.before,
            "pk__gt": self.after,
        }
        return runs.filter(**{lookup: value for lookup, value in given.items() if value})


EVERY_RUN = RunFilter()


def list_runs(
    principal: Principal, app_id: int | str | None, *, limit: int | None = 20, which: RunFilter = EVERY_RUN
) -> QuerySet[Execution]:
    """The latest runs of an app, or of all apps, newest first. A deleted app's are reached by number (`get_run`).

    `limit` None leaves the cutting of pages to the caller.
    """
    principal.require("apps:read")
    runs = Execution.objects.all() if app_id is None else Execution.objects.filter(app=get_app(principal, app_id))
    return which.of(runs).select_related("app", "version").order_by("-pk")[:limit]


def count_runs(principal: Principal, app_id: int | str, which: RunFilter, *, most: int = 1_000) -> int:
    """How many runs of an app the filter lets through; counted up to `most`."""
    return list_runs(principal, app_id, limit=most, which=which).count()


def get_run(principal: Principal, run_id: int) -> Execution:
    """One run with its app and its steps; raises RunNotFound."""
    principal.require("apps:read")
    runs = Execution.objects.select_related("app", "version").prefetch_related("steps")
    execution = runs.filter(pk=run_id).first()
    if execution is None:
        raise RunNotFound(f"There is no run {run_id}.", hint="List an app's runs to see their numbers.")
    return execution


def cancel_run(principal: Principal, run_id: int) -> Execution:
    """Stop a run: once this is committed no step of it starts, and what is not committed of the one at work is undone.

    A call outside that is under way is not called back. A run that is over stays as it is.
    """
    principal.require("apps:run")
    run = get_run(principal, run_id)
    # Decided by the row, not by what was read: a run that ends at this instant has ended.
    under_way = Execution.objects.filter(pk=run.pk).exclude(state__in=FINAL)
    ended = {"state": Execution.State.CANCELLED, "finished_at": timezone.now(), "lease_until": None, "owner": ""}
    if under_way.update(**ended):
        count_cancelled(1)
        record_audit(principal, "run.cancelled", f"run:{run.pk}", {"app": run.app_id})
    return get_run(principal, run_id)


def manual_trigger(plan: Plan) -> Trigger:
    """What a run by hand starts: the manual trigger, or else the flow of the first trigger."""
    manual = next((trigger for trigger in plan.triggers if trigger.type == "manual"), None)
    chosen = manual or next((trigger for trigger in plan.triggers if trigger.type == "scheduled"), None)
    if chosen is None:
        raise NotRunnable(
            "This app starts on events; it cannot run by hand without one.",
            hint="Add a manual trigger, or try it with a dry run and a sample event.",
        )
    return chosen


def checked_inputs(plan: Plan, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with the app's defaults filled in, checked against its schema; raises InputsRefused."""
    complete = {**input_defaults(plan.inputs), **inputs}
    if not plan.inputs:
        if inputs:
            raise InputsRefused("This app takes no inputs.", hint="Send none.")
        return {}
    found = inputs_validator(plan.inputs).iter_errors(complete)
    problems = [
        Problem(join("", *error.instance_path), InputsRefused.code, error.message, format_hint(error))
        for error in found
    ]
    known = plan.inputs.get("properties", {})
    for name in unknown_inputs(plan.inputs, inputs):
        hint = did_you_mean(name, known) or f"Possible here: {', '.join(known)}."
        problems.append(Problem(join("", name), "unknown_input", f"The app has no input “{excerpt(name)}”.", hint))
    if problems:
        told = [f"{problem.path.removeprefix('/') or 'inputs'}: {problem.message}" for problem in problems]
        hint = next((problem.hint for problem in problems if problem.hint), "See the app's inputs.")
        raise InputsRefused(f"{'; '.join(text.rstrip('.') for text in told[:10])}.", hint=hint, problems=problems)
    return complete
