"""What an app would do now, on real data, with nothing done (RUN-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps_engine.contracts import ActionContext
from apps_engine.language.compile import compile_definition
from apps_engine.language.instants import format_instant
from apps_engine.language.plan import Plan, Trigger
from apps_engine.registry import registry
from apps_engine.runtime.kinds import KINDS
from apps_engine.runtime.ports import Entry, Ports
from apps_engine.runtime.run import Outcome, Run
from apps_engine.runtime.scope import global_scope
from apps_engine.services.apps import current_version, get_app
from apps_engine.services.decisions import failed_clause, filter_failure
from apps_engine.services.definitions import Source, accepted, plan_of
from apps_engine.services.engine.clock import SystemClock
from apps_engine.services.engine.reader import RowReader
from apps_engine.services.engine.rehearsal import RehearsalEffects, RehearsalWork, Rehearsed
from apps_engine.services.runs import checked_inputs
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
            "result": self.outcome.result if self.outcome else None,
            "error": self.outcome.error if self.outcome else None,
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
    most_seconds: int = MOST_SECONDS,
) -> DryRun:
    """Rehearse a definition, or the stored app of that number; `event` is the data of an event that starts it.

    Without one, an event trigger is rehearsed with the catalogue's sample. Raises DefinitionRefused or InputsRefused.
    """
    principal.require("apps:read")
    principal.require("data:read")
    app_id, name, plan = _plan(principal, source)
    trigger = plan.triggers[0]
    data = _event_data(trigger, event)
    clause = filter_failure(trigger.filter, data, timezone.now())
    if clause is not None:
        return DryRun(False, data, clause=failed_clause(clause))
    complete = checked_inputs(plan, inputs or {})
    with transaction.atomic():
        rehearsal = _rehearse(principal, app_id, name, _shortened(plan, most_seconds), trigger, data, complete)
        transaction.set_rollback(True)
    return rehearsal


def _plan(principal: Principal, source: Source | int) -> tuple[int, str, Plan]:
    if isinstance(source, int):
        app = get_app(principal, source)
        return app.pk, app.name, plan_of(current_version(app).pk)
    definition = accepted(principal, source)
    return 0, definition["name"], compile_definition(definition, registry.catalogue)


def _shortened(plan: Plan, seconds: int) -> Plan:
    return replace(plan, limits=replace(plan.limits, seconds=min(plan.limits.seconds, seconds)))


def _event_data(trigger: Trigger, event: Mapping[str, Any] | None) -> dict[str, Any]:
    if trigger.event is None:
        return {}
    data = registry.events[trigger.event].sample if event is None else event
    now = format_instant(timezone.now())
    return {**data, "event": {"id": "test", "type": trigger.event, "time": now}}


def _rehearse(
    principal: Principal,
    app_id: int,
    name: str,
    plan: Plan,
    trigger: Trigger,
    data: Mapping[str, Any],
    inputs: Mapping[str, Any],
) -> DryRun:
    now = timezone.now()
    tenant = Tenant.objects.get(pk=principal.tenant_id)
    context = ActionContext(tenant.pk, app_id, name, 0, now)
    work = RehearsalWork(tenant.pk)
    effects = RehearsalEffects(context, work)
    scope = global_scope(
        now=now,
        trigger=data,
        inputs=inputs,
        tenant={"id": tenant.pk, "slug": tenant.slug, "name": tenant.name, "timezone": tenant.timezone},
        app={"id": app_id, "name": name, "version": 0},
        run={"id": 0, "trigger": trigger.type, "requested_by": principal.label, "started_at": format_instant(now)},
    )
    ports = Ports(SystemClock(), work.journal, work, RowReader(context), effects)
    outcome = Run(plan, ports, KINDS, {}).execute(trigger.flow, scope)
    return DryRun(True, data, None, outcome, work.journal.entries, effects.rehearsed, effects.counts)
