"""A run once more: from where it failed, or anew with the newest version (RUN-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.crypto import get_random_string

from apps_engine.language.inputs import unknown_inputs
from apps_engine.language.plan import Plan, Trigger
from apps_engine.services.apps import current_version
from apps_engine.services.authority import require_own_accounts
from apps_engine.services.enqueue import DELAYED, URGENT, Start, execution_of
from apps_engine.services.errors import InputsRefused, NotRunnable
from apps_engine.services.hints import hint_runs
from apps_engine.services.plans import OUTDATED, plan_of
from apps_engine.services.runs import FINAL, checked_inputs, get_run, queue_by_hand, require_active
from apps_engine.services.tasks import TASK
from apps_engine.store.inbox import NewExecution
from apps_engine.store.models import App, AppVersion, Execution
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.principal import Principal

RETRYABLE = (Execution.State.FAILED, Execution.State.DEAD)
# A run that waits for its first attempt again. Its journal stays: what is done is not done again.
ANEW = {
    "state": Execution.State.QUEUED,
    "attempt": 0,
    "error": None,
    "result": None,
    "finished_at": None,
    "lease_until": None,
    "owner": "",
}


def retry_run(principal: Principal, run_id: int) -> Execution:
    """Go on with a failed or dead run at the step that failed, in its own version; its attempts count anew.

    It goes first, as what people ask for does. Raises NotRunnable for a run that did not fail and for one of an app
    that is deleted, and AccountsOfAnother.
    """
    principal.require("apps:run")
    run = get_run(principal, run_id)
    if run.app.status == App.Status.DELETED:
        raise NotRunnable(f"“{run.app.name}” is deleted.", hint="Its runs can be read, not run.")
    require_own_accounts(principal, run.app, run.version)
    failed = Execution.objects.filter(pk=run.pk, state__in=RETRYABLE)
    # Whoever presses at the same time finds nothing to change: one retry comes of it.
    if not failed.update(**ANEW, run_at=timezone.now(), priority=URGENT):
        raise NotRunnable(f"Run {run.pk} is {run.state}.", hint="Only a run that failed or is dead can be retried.")
    record_audit(principal, "run.retried", f"run:{run.pk}", {"app": run.app_id})
    hint_runs({run.pk: run.lane})
    return get_run(principal, run_id)


def run_again(principal: Principal, run_id: int) -> Execution:
    """A new run of what started an earlier one, with the app's newest version.

    Raises NotRunnable where that version has no such trigger, InputsRefused, AccountsOfAnother and RunsUsedUp.
    """
    principal.require("apps:run")
    earlier = get_run(principal, run_id)
    require_active(earlier.app)
    version = current_version(earlier.app)
    require_own_accounts(principal, earlier.app, version)
    key = f"again:{earlier.pk}:{get_random_string(20)}"
    run = queue_by_hand(
        plan_of(version.pk), copy_of(earlier, version, key=key, run_at=timezone.now(), asked_by=principal.label)
    )
    record_audit(principal, "run.again", f"run:{earlier.pk}", {"app": earlier.app_id, "run": run.pk})
    return run


def can_run_again(run: Execution) -> bool:
    """Whether an app that is active has a version that would take what started a run. Needs the tenant's scope."""
    if run.state not in FINAL or run.app.status != App.Status.ACTIVE:
        return False
    try:
        copy_of(run, current_version(run.app), key="", run_at=timezone.now(), asked_by="")
    except (NotRunnable, InputsRefused, *OUTDATED):
        return False
    return True


def copy_of(earlier: Execution, version: AppVersion, *, key: str, run_at: datetime, asked_by: str) -> NewExecution:
    """A run to be stored, of a version, with what started an earlier run; raises NotRunnable and InputsRefused."""
    plan = plan_of(version.pk)
    start = Start(
        trigger=_trigger_of(earlier, plan),
        key=key,
        run_at=run_at,
        data=earlier.trigger,
        inputs=checked_inputs(plan, _still_taken(plan, earlier.inputs)),
        chain=earlier.chain,
        requested_by=asked_by,
    )
    execution = execution_of(earlier.app_id, version.pk, plan, start)
    execution.session_key = earlier.session_key
    if earlier.trigger_type == TASK:
        # What set it is not run again: it stands in the line in which it stood, as far from its beginning.
        execution.concurrency_key, execution.generation = earlier.concurrency_key, earlier.generation
        execution.exclusive, execution.slots = earlier.exclusive, earlier.slots
    return execution


def _still_taken(plan: Plan, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of an earlier run, without those that the app has no longer."""
    gone = unknown_inputs(plan.inputs, inputs) if plan.inputs else inputs
    return {name: value for name, value in inputs.items() if name not in gone}


def _trigger_of(earlier: Execution, plan: Plan) -> Trigger:
    """The trigger of the same name, with the flow that it starts now; of a sequence, the flow of the same delay.

    Of a task, which an app set itself, the flow of the same name.
    """
    if earlier.trigger_type == TASK:
        if earlier.flow not in plan.flows:
            raise NotRunnable(
                f"The newest version has no flow “{earlier.flow}”, which run {earlier.pk} was.",
                hint="Retry the run in its own version.",
            )
        return Trigger(id=earlier.trigger_id, type=TASK, flow=earlier.flow)
    trigger = next((candidate for candidate in plan.triggers if candidate.id == earlier.trigger_id), None)
    if trigger is None or trigger.type != earlier.trigger_type:
        raise NotRunnable(
            f"The newest version is not started the way run {earlier.pk} was.",
            hint="Retry the run in its own version, or start the app in one of the ways it has now.",
        )
    if trigger.type != DELAYED:
        return trigger
    delays = trigger.params["sequence"]
    index = earlier.trigger["delay"]["index"]
    if index >= len(delays):
        raise NotRunnable(
            f"The newest version's sequence has {len(delays)} delays; run {earlier.pk} belongs to a later one.",
            hint="Retry the run in its own version.",
        )
    return replace(trigger, flow=delays[index].flow)
