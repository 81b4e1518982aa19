"""Why an app did not run (TRG-11)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import format_instant
from apps_engine.language.jsontext import dumps
from apps_engine.language.plan import Plan
from apps_engine.language.predicates import Failure, Predicate, bind, first_failure
from apps_engine.services.apps import current_version, get_app
from apps_engine.services.definitions import plan_of
from apps_engine.services.errors import RunNotFound
from apps_engine.services.triggers import event_type
from apps_engine.services.withheld import decision_without_contents, may_see_contents
from apps_engine.store.models import App, Decision, EventInbox, Execution
from decommerce.community.outbox import app_event_type
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.principal import Principal

logger = logging.getLogger(__name__)

MOST_LINKS = 3

_RECORD = """
INSERT INTO engine_decision
    (tenant_id, app_id, trigger_id, outcome, event_id, details, repeats, hour, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s, 1, date_trunc('hour', now()), now(), now())
ON CONFLICT (app_id, trigger_id, outcome, hour) DO UPDATE
SET repeats = engine_decision.repeats + 1, event_id = EXCLUDED.event_id, details = EXCLUDED.details, last_at = now()
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why one trigger made no run."""

    app_id: int
    trigger_id: str
    outcome: str
    event_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


# What the plan of a version raises once a block that it uses is gone.
OUTDATED = (LanguageError, LookupError, TypeError)


def outdated(app_id: int, trigger_id: str, error: Exception, event_id: str = "") -> Refusal:
    """An app whose version does not compile any more; it must not keep an event or a fire from the others."""
    logger.error("the version of app %s does not compile: %s", app_id, error)
    details = {
        "code": "definition_outdated",
        "message": f"This app cannot be run here any more ({error}).",
        "hint": "Open the app, correct its definition and save it as a new version.",
    }
    return Refusal(app_id, trigger_id, "invalid", event_id, details)


def record_decisions(refusals: list[Refusal]) -> None:
    """Store the reasons, repeats within the hour counted in one row."""
    if not refusals:
        return
    tenant_id = current_tenant_id()
    # Sorted, so that two consumers take the rows' locks in one order.
    ordered = sorted(refusals, key=lambda refusal: (refusal.app_id, refusal.trigger_id, refusal.outcome))
    rows = [(tenant_id, r.app_id, r.trigger_id, r.outcome, r.event_id, dumps(dict(r.details))) for r in ordered]
    with connection.cursor() as cursor:
        cursor.executemany(_RECORD, rows)


def filter_failure(condition: Predicate | None, data: Mapping[str, Any], now: datetime) -> Failure | None:
    """The clause of a trigger's filter that keeps the event out, None when it matches."""
    if condition is None:
        return None
    instant = format_instant(now)
    return first_failure(bind(condition, {"trigger": data, "now": instant}, instant), data)


def failed_clause(failure: Failure) -> dict[str, Any]:
    """A failed clause as it is stored and shown."""
    return {
        "field": failure.field,
        "operator": failure.operator,
        "expected": failure.expected,
        "actual": failure.actual,
    }


def chain_refusal(app_id: int, plan: Plan, event: EventInbox) -> dict[str, Any] | None:
    """Why the chain of apps behind an event ends here (TRG-10, TRG-12), None when it does not."""
    chain = event.chain
    if app_id in chain and not _asks_for_its_own(plan, event.type):
        return {"reason": "self", "chain": chain}
    if len(chain) >= MOST_LINKS:
        return {"reason": "depth", "chain": chain, "limit": MOST_LINKS}
    return None


def _asks_for_its_own(plan: Plan, type_of_event: str) -> bool:
    """Whether an app says that it starts itself: by an event that it may both send and listen to."""
    own = {*plan.permissions["emits"]} & {*plan.permissions["subscribes"]}
    return any(app_event_type(name) == type_of_event for name in own)


def list_decisions(principal: Principal, app_id: int | str, *, limit: int = 20) -> list[Decision]:
    """The latest reasons why the app did not run, newest first."""
    app = get_app(principal, app_id)
    return list(Decision.objects.filter(app=app).order_by("-last_at")[:limit])


def why_not(principal: Principal, app_id: int | str, event_id: str) -> dict[str, Any]:
    """What became of one event for one app: the run it made, or the reason it made none, judged anew."""
    app = get_app(principal, app_id)
    event = EventInbox.objects.filter(event_id=event_id).first()
    if event is None:
        raise RunNotFound(f"No event “{event_id}” arrived here.", hint="Check its id; old events are gone.")
    key = f":event:{event.pk}"
    # Of a delayed sequence each run has its place behind the event's.
    made = Q(trigger_key__endswith=key) | Q(trigger_key__contains=f"{key}:")
    run = Execution.objects.filter(made, app=app).order_by("pk").first()
    if run is not None:
        return {"outcome": "ran", "run": run.pk, "state": run.state}
    if app.status != App.Status.ACTIVE:
        return {"outcome": "paused", "status": app.status, "reason": app.status_reason}
    judged = _judged(app, plan_of(current_version(app).pk), event)
    return judged if may_see_contents(principal) else decision_without_contents(judged)


def event_scope(event: EventInbox) -> dict[str, Any]:
    """What a filter and a run see of an event."""
    described = {"id": event.event_id, "type": event.type, "time": format_instant(event.time)}
    return {**event.data, "event": described}


def _judged(app: App, plan: Plan, event: EventInbox) -> dict[str, Any]:
    listening = [trigger for trigger in plan.triggers if trigger.event and event_type(trigger) == event.type]
    if not listening:
        events = sorted({trigger.event for trigger in plan.triggers if trigger.event})
        return {"outcome": "not_listening", "event": event.type, "listens_to": events}
    refusal = chain_refusal(app.pk, plan, event)
    if refusal is not None:
        return {"outcome": "chain", **refusal}
    for trigger in listening:
        failure = filter_failure(trigger.filter, event_scope(event), event.received_at)
        if failure is not None:
            return {"outcome": "filtered", "trigger": trigger.id, "clause": failed_clause(failure)}
    # It matches and made no run: of those that the quota kept out the reason is one row an hour.
    hour = event.received_at.replace(minute=0, second=0, microsecond=0)
    decision = Decision.objects.filter(app=app, outcome="quota", hour=hour, first_at__lte=event.received_at).first()
    if decision is not None:
        return {"outcome": "quota", "trigger": decision.trigger_id, **decision.details}
    return {"outcome": "would_match", "hint": "The app matches now; it was made or resumed after the event."}
