"""What an app would do now, on real data, with nothing done (RUN-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from apps_engine.language.compile import compile_definition
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Plan, Trigger
from apps_engine.registry import registry
from apps_engine.runtime.kinds import KINDS
from apps_engine.runtime.ports import Entry, Ports
from apps_engine.runtime.run import Outcome, Run
from apps_engine.services import webhook_addresses
from apps_engine.services.apps import current_version, get_app
from apps_engine.services.decisions import failed_clause, filter_failure
from apps_engine.services.definitions import Source, accepted
from apps_engine.services.engine.clock import SystemClock
from apps_engine.services.engine.reader import RowReader
from apps_engine.services.engine.rehearsal import RehearsalEffects, RehearsalWork, Rehearsed
from apps_engine.services.enqueue import DELAYED, no_longer_wanted
from apps_engine.services.errors import TooManyRehearsals
from apps_engine.services.execute import cause_of, context_of, remembered, scope_of
from apps_engine.services.plans import plan_of
from apps_engine.services.quotas import uncounted
from apps_engine.services.runs import checked_inputs, manual_trigger
from apps_engine.services.triggers import event_type
from apps_engine.store.models import App, AppVersion, Execution
from apps_engine.store.rehearsals import MOST_AT_ONCE, take_place
from decommerce.tenancy.cause import caused_by
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal

# Somebody waits for a rehearsal, with a connection and the locks of what it touched: it takes no run's time.
MOST_SECONDS = 20


@dataclass(frozen=True, slots=True)
class DryRun:
    """A rehearsal. `effects` shows the first of what would happen, `counts` all of it by action."""

    would_run: bool
    trigger: Mapping[str, Any]
    clause: Mapping[str, Any] | None = None
    outcome: Outcome | None = None
    steps: Sequence[Entry] = ()
    effects: Sequence[Rehearsed] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The rehearsal as JSON, plainly marked as a test."""
        return {
            "test": True,
            "note": "This was a test: nothing was written and nothing was sent.",
            "would_run": self.would_run,
            "trigger": dict(self.trigger),
            "failed_clause": self.clause,
            "status": self.outcome.status if self.outcome else "not_run",
            "result": self.outcome.response if self.outcome else None,
            "error": self.outcome.fault if self.outcome else None,
            "steps": [entry.as_dict() for entry in self.steps],
            "effects": [asdict(effect) for effect in self.effects],
            "counts": dict(self.counts),
        }


def dry_run(
    principal: Principal,
    source: Source | int,
    *,
    inputs: Mapping[str, Any] | None = None,
    event: Mapping[str, Any] | None = None,
    by_hand: bool = False,
    most_seconds: int = MOST_SECONDS,
) -> DryRun:
    """Rehearse a definition, or the stored app of that number; `event` is the data of an event that starts it.

    Without one, an event trigger is rehearsed with the catalogue's sample; `by_hand` rehearses what `run_app` starts.
    Raises DefinitionRefused, InputsRefused,
    and TooManyRehearsals where others of the community are at it.
    """
    principal.require("apps:read")
    principal.require("data:read")
    subject = subject_of(principal, source).within(most_seconds)
    plan = subject.plan
    trigger = manual_trigger(plan) if by_hand else plan.triggers[0]
    data = {} if by_hand else _trigger_data(trigger, event)
    clause = filter_failure(trigger.filter, data, timezone.now())
    if clause is not None:
        return DryRun(False, data, clause=failed_clause(clause))
    complete = checked_inputs(plan, inputs or {})
    if trigger.type == DELAYED:
        trigger = replace(trigger, flow=trigger.params["sequence"][0].flow)
    with place_to_rehearse():
        return rehearse(principal, subject, trigger, data, complete)


@contextmanager
def place_to_rehearse() -> Iterator[None]:
    """One of the places that the community has for rehearsals; what is done there is undone.

    Raises TooManyRehearsals. Needs the tenant's scope.
    """
    with transaction.atomic():
        if not take_place():
            hint = "Wait until one of them has ended."
            raise TooManyRehearsals(f"{MOST_AT_ONCE} rehearsals are under way here.", hint=hint)
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is rehearsed. A draft has an app and a version of number 0, which are stored nowhere."""

    app: App
    version: AppVersion
    plan: Plan

    def within(self, seconds: int) -> Subject:
        """The same with so many seconds at most for a run."""
        limits = replace(self.plan.limits, seconds=min(self.plan.limits.seconds, seconds))
        return replace(self, plan=replace(self.plan, limits=limits))


def subject_of(principal: Principal, source: Source | int) -> Subject:
    """A definition that is stored nowhere, or the stored app of that number in its current version."""
    if isinstance(source, int):
        app = get_app(principal, source)
        version = current_version(app)
        return Subject(app, version, plan_of(version.pk))
    definition = accepted(principal, source)
    author = principal.user_id
    app = App(pk=0, tenant_id=principal.tenant_id, name=definition["name"], owner_id=author)
    version = AppVersion(pk=0, tenant_id=principal.tenant_id, app=app, number=0, author_id=author)
    return Subject(app, version, compile_definition(definition, registry.catalogue))


def _trigger_data(trigger: Trigger, event: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the trigger hands over: of an app's event, of which there is no sample, nothing unless `event` is given."""
    now = format_instant(timezone.now())
    if trigger.cron is not None:
        return {"scheduled_for": now}
    if trigger.type == webhook_addresses.TYPE:
        data = {"body": {}, "headers": {}, **(event or {})}
        return {**data, "event": {"id": "test", "type": webhook_addresses.EVENT_TYPE, "time": now}}
    if trigger.event is None:
        return {}
    known = registry.events.get(trigger.event)
    sample = {} if known is None else known.sample
    data = {**(sample if event is None else event), "event": {"id": "test", "type": event_type(trigger), "time": now}}
    if trigger.type == DELAYED:
        data["delay"] = {"index": 0, "seconds": trigger.params["sequence"][0].seconds}
    return data


def rehearse(
    principal: Principal,
    subject: Subject,
    trigger: Trigger,
    data: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    is_due: bool = False,
) -> DryRun:
    """Run what the trigger starts; the caller undoes it. One that `is_due` is asked whether it is still wanted."""
    # Everything that a run leaves refers to an execution, so there is one, and it goes with the rest.
    now = timezone.now()
    execution = Execution.objects.create(
        tenant=Tenant.objects.get(pk=principal.tenant_id),
        app=subject.app,
        version=subject.version,
        flow=trigger.flow,
        trigger_type=trigger.type,
        trigger_id=trigger.id,
        trigger_key=f"test:{get_random_string(20)}",
        trigger=dict(data),
        inputs=dict(inputs),
        requested_by=principal.label,
        state=Execution.State.RUNNING,
        exclusive=False,
        run_at=now,
        started_at=now,
    )
    context = context_of(execution, subject.plan)
    work = RehearsalWork(execution, subject.plan.limits.seconds)
    effects = RehearsalEffects(context, work)
    ports = Ports(SystemClock(), work.journal, work, RowReader(context), effects)
    scope = scope_of(execution, remembered(execution, subject.plan))
    unwanted = no_longer_wanted(trigger, scope) if is_due else None
    if unwanted is not None:
        return DryRun(True, data, None, Outcome("skipped", error=unwanted, reason=unwanted["code"]))
    with caused_by(cause_of(execution)), uncounted():
        outcome = Run(subject.plan, ports, KINDS, {}).execute(execution.flow, scope)
    return DryRun(True, data, None, outcome, work.journal.entries, effects.rehearsed, effects.counts)
