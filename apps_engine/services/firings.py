"""How often a trigger would have started its app, by the events that were recorded and by its clock (RUN-14).

An event is judged as it was when it arrived. Nothing is kept of it but what is counted, and the newest to be rehearsed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from apps_engine.language.cron import next_fires
from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import format_instant
from apps_engine.language.jsontext import dumps
from apps_engine.language.plan import Plan, Trigger
from apps_engine.language.predicates import Predicate, comparisons
from apps_engine.services import webhook_addresses
from apps_engine.services.decisions import chain_refusal, event_scope, failed_clause, filter_failure
from apps_engine.services.enqueue import Start, starts_of
from apps_engine.services.triggers import EVENT_TYPES, event_type
from apps_engine.store.models import App, EventInbox, WebhookAddress
from apps_engine.store.recorded import newest_first, oldest_at

MOST_EVENTS = 20_000
# Of so many runs that would have been started, what started them is kept to be rehearsed.
MOST_KEPT = 50
BY_HAND = "Somebody starts it each time; nothing that was recorded says when that would have been."
NO_ADDRESS = "It is called at an address that it gets once it is stored, so nobody has called it yet."
_MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at, and until when (of `time.monotonic`) somebody looks."""

    since: datetime
    until: datetime
    ends: float


@dataclass(frozen=True, slots=True)
class Cause:
    """What would have started a run; `event` is its number here, None for a time of a schedule."""

    start: Start
    at: datetime
    event: int | None


@dataclass(slots=True)
class KeptOut:
    """A reason why events would have started nothing, how many met it, and the newest of them as an example."""

    outcome: str
    details: Mapping[str, Any]
    event: int
    count: int = 0


@dataclass(slots=True)
class Firings:
    """What one trigger would have done: of so many `events` (or times of its schedule) so many would have `started` it.

    `since` is from when on that is known: later than asked for where there was no more time or room to look further
    (`cut`). `oldest` is when the oldest recorded event of the type arrived. `no_past` says why nothing can be known.
    """

    trigger: Trigger
    since: datetime
    events: int = 0
    started: int = 0
    runs: int = 0
    cut: bool = False
    oldest: datetime | None = None
    no_past: str = ""
    kept_out: dict[tuple[str, ...], KeptOut] = field(default_factory=dict)
    latest: list[Cause] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        reasons = sorted(self.kept_out.values(), key=lambda reason: -reason.count)
        return {
            "trigger": self.trigger.id,
            "type": self.trigger.type,
            "event": self.trigger.event,
            "no_past": self.no_past or None,
            "since": format_instant(self.since),
            "oldest_event_at": format_instant(self.oldest) if self.oldest else None,
            "cut": self.cut,
            "events": self.events,
            "started": self.started,
            "runs": self.runs,
            "kept_out": [
                {"outcome": one.outcome, "count": one.count, "details": dict(one.details), "event": one.event}
                for one in reasons
            ],
        }


def firings_of(app: App, plan: Plan, trigger: Trigger, period: Period) -> Firings:
    """How often a trigger of an app, stored or not, would have started it. Needs the tenant's scope."""
    if trigger.cron is not None:
        return _of_schedule(trigger, period)
    if trigger.type == webhook_addresses.TYPE:
        addresses = WebhookAddress.objects.filter(app_id=app.pk, trigger_id=trigger.id)
        source = next(map(webhook_addresses.source_of, addresses), None)
        if source is None:
            return Firings(trigger, period.since, no_past=NO_ADDRESS)
        return _of_events(app.pk, plan, trigger, period, webhook_addresses.EVENT_TYPE, source)
    if trigger.type in EVENT_TYPES:
        return _of_events(app.pk, plan, trigger, period, event_type(trigger))
    return Firings(trigger, period.since, no_past=BY_HAND)


def starts_on(app: App, plan: Plan, event: EventInbox) -> list[Start]:
    """What one event would start of an app by a plan that need not be its own."""
    called = webhook_addresses.called_trigger(app, event.source) if event.type == webhook_addresses.EVENT_TYPE else None
    data = event_scope(event)
    return [
        start
        for trigger in plan.triggers
        if (trigger.id == called if called else trigger.type in EVENT_TYPES and event_type(trigger) == event.type)
        and _refusal(trigger, app.pk, plan, event, data) is None
        for start in starts_of(trigger, event, data)
    ]


def _of_schedule(trigger: Trigger, period: Period) -> Firings:
    most = ((period.until - period.since).days + 1) * _MINUTES_A_DAY
    fires = next_fires(trigger.cron or "", trigger.timezone, period.since, most)
    passed = [fire for fire in fires if fire <= period.until]
    found = Firings(trigger, period.since, events=len(passed), started=len(passed), runs=len(passed))
    # All would see the data of today: one of them tells what each would do.
    for fire in passed[-1:]:
        start = Start(trigger, "", fire, {"scheduled_for": format_instant(fire)})
        found.latest.append(Cause(start, fire, None))
    return found


def _of_events(
    app_id: int, plan: Plan, trigger: Trigger, period: Period, type_of_event: str, source: str | None = None
) -> Firings:
    found = Firings(trigger, period.since, oldest=oldest_at(type_of_event))
    steady = _constants(trigger.filter)
    seen = None
    for read, event in enumerate(newest_first(type_of_event, period.since)):
        if read == MOST_EVENTS or time.monotonic() >= period.ends:
            found.cut = True
            found.since = seen.received_at if seen else period.until
            break
        seen = event
        if source is None or event.source == source:
            _judge(found, app_id, plan, event, steady)
    return found


def _judge(found: Firings, app_id: int, plan: Plan, event: EventInbox, steady: frozenset[str]) -> None:
    found.events += 1
    data = event_scope(event)
    reason = _refusal(found.trigger, app_id, plan, event, data)
    if reason is None:
        starts = list(starts_of(found.trigger, event, data))
        found.started += 1
        found.runs += len(starts)
        room = max(MOST_KEPT - len(found.latest), 0)
        found.latest += islice(_causes(starts, event), room)
        return
    outcome, details = reason
    expected = dumps(details.get("expected"))
    # A clause is known by what it asks for, unless that follows from the event or the time.
    key = (outcome, *(str(details.get(name, "")) for name in ("reason", "code", "field", "operator")))
    kept = found.kept_out.setdefault(
        (*key, expected if expected in steady else ""), KeptOut(outcome, details, event.pk)
    )
    kept.count += 1


def _causes(starts: list[Start], event: EventInbox) -> Iterator[Cause]:
    return (Cause(start, event.received_at, event.pk) for start in starts)


def _refusal(
    trigger: Trigger, app_id: int, plan: Plan, event: EventInbox, data: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    chain = chain_refusal(app_id, plan, event)
    if chain is not None:
        return "chain", chain
    try:
        failure = filter_failure(trigger.filter, data, event.received_at)
    except LanguageError as error:
        return "invalid", {"code": error.code, "message": error.message}
    return None if failure is None else ("filtered", failed_clause(failure))


def _constants(condition: Predicate | None) -> frozenset[str]:
    """What the clauses of a filter ask for, of those that ask the same of every event."""
    if condition is None:
        return frozenset()
    return frozenset(dumps(clause.value({})) for clause in comparisons(condition) if clause.value.constant)
