"""Why an app did not run (TRG-11)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from apps_engine.language.instants import format_instant
from apps_engine.language.jsontext import dumps
from apps_engine.language.plan import Plan
from apps_engine.language.predicates import Failure, Predicate, bind, first_failure
from apps_engine.services.quotas import CODES
from apps_engine.store.models import EventInbox, Execution
from decommerce.community.outbox import app_event_type
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

logger = logging.getLogger(__name__)

MOST_LINKS = 3
QUOTA_CODES = frozenset(CODES.values())

_RECORD = """
INSERT INTO engine_decision
    (tenant_id, app_id, trigger_id, outcome, event_id, details, repeats, hour, first_at, last_at)
SELECT %s, app_id, trigger_id, outcome, event_id, details, repeats, date_trunc('hour', now()), now(), now()
FROM jsonb_to_recordset(%s)
    AS given (app_id bigint, trigger_id text, outcome text, event_id text, details jsonb, repeats integer)
ORDER BY app_id, trigger_id, outcome
ON CONFLICT (app_id, trigger_id, outcome, hour) DO UPDATE
SET repeats = engine_decision.repeats + EXCLUDED.repeats, event_id = EXCLUDED.event_id, details = EXCLUDED.details,
    last_at = now()
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why one trigger made no run, the latest of `repeats` of its kind."""

    app_id: int
    trigger_id: str
    outcome: str
    event_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    repeats: int = 1


def outdated(app_id: int, trigger_id: str, error: Exception, event_id: str = "") -> Refusal:
    """An app whose version cannot be run any more; it must not keep an event or a fire from the others."""
    logger.error("the version of app %s cannot be run: %s", app_id, error)
    details = {
        "code": "definition_outdated",
        "message": f"This app cannot be run here any more ({error}).",
        "hint": "Open the app, correct its definition and save it as a new version.",
    }
    return Refusal(app_id, trigger_id, "invalid", event_id, details)


def record_decisions(refusals: Sequence[Refusal]) -> None:
    """Store the reasons, repeats within the hour counted in one row; one statement."""
    if not refusals:
        return
    latest: dict[tuple[int, str, str], dict[str, Any]] = {}
    for refusal in refusals:
        key = (refusal.app_id, refusal.trigger_id, refusal.outcome)
        earlier = latest[key]["repeats"] if key in latest else 0
        latest[key] = {**asdict(refusal), "repeats": earlier + refusal.repeats}
    # Sorted, so that two consumers take the rows' locks in one order.
    send(_RECORD, [current_tenant_id(), dumps(list(latest.values()))])


def quota_met(run: Execution) -> bool:
    """Whether a quota stopped the run at work: it failed, or goes on in the quota's next window."""
    return bool(run.error) and run.error.get("code") in QUOTA_CODES


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


def event_scope(event: EventInbox) -> dict[str, Any]:
    """What a filter and a run see of an event."""
    described = {"id": event.event_id, "type": event.type, "time": format_instant(event.time)}
    return {**event.data, "event": described}
