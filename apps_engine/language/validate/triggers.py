"""Triggers: schedules, events, delays, and the type of what each hands to its flow (TRG-01 to TRG-06)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.cron import CronError, check_cron, check_timezone
from apps_engine.language.limits import PROFILE_TRIGGERS
from apps_engine.language.pointers import join
from apps_engine.language.schema_types import of_schema
from apps_engine.language.static_types import INSTANT, NUMBER, TEXT, Origin, Type, object_of
from apps_engine.language.validate.pauses import check_delay, duration_seconds
from apps_engine.language.validate.predicates import check_predicate, values_of
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.schedules import check_daily_starts
from apps_engine.language.validate.scope import BUILTINS, Binding, Scope

Trigger = Mapping[str, Any]

_EVENT_TYPES = frozenset({"event", "delayed"})
_COUNTED = {"scheduled": "scheduled_triggers", "webhook": "webhook_triggers"}
_METADATA = object_of({"id": TEXT, "type": TEXT, "time": INSTANT})
_DELAY = object_of({"index": NUMBER, "seconds": NUMBER})
_SAID = Type(untrusted=Origin.MEMBER)
_UNTRUSTED = Type(untrusted=Origin.OUTSIDE)

# What other triggers than events hand over; texts of members and of other systems are untrusted.
_PAYLOADS: Mapping[str, Mapping[str, Type]] = {
    "scheduled": {"scheduled_for": INSTANT},
    "keyword": {"message": _SAID, "phrase": TEXT},
    "phrase": {"message": _SAID, "phrase": TEXT},
    "intent": {"message": _SAID, "phrase": TEXT},
    "webhook": {"body": _UNTRUSTED, "headers": _UNTRUSTED, "event": _METADATA},
}


def check_triggers(review: Review) -> None:
    """Report everything wrong with the triggers."""
    counts: Counter[str] = Counter()
    ids: set[str] = set()
    taken: set[tuple[str, str]] = set()
    for trigger, at in review.triggers():
        kind = trigger.get("type")
        if isinstance(kind, str):
            counts[kind] += 1
            _check_profile(kind, at, review)
            _check_count(kind, counts[kind], at, review)
        _check_id(trigger, ids, at, review)
        _check_flow(trigger.get("flow"), join(at, "flow"), review)
        _check_schedule(trigger, at, review)
        _check_event(trigger, at, review)
        _check_sequence(trigger, at, review)
        _check_names(trigger, at, taken, review)
    check_daily_starts(review)


def trigger_type(trigger: Trigger, review: Review) -> Type:
    """The type of `trigger` in the flows that it starts."""
    kind, name = str(trigger.get("type")), trigger.get("event")
    event = review.catalogue.events.get(name) if isinstance(name, str) else None
    if kind not in _EVENT_TYPES:
        return object_of(_PAYLOADS.get(kind, {}))
    payload = review.vocabulary.payload(event) if event is not None else _UNTRUSTED
    added = {"event": _METADATA, **({"delay": _DELAY} if kind == "delayed" else {})}
    return replace(payload, fields={**payload.fields, **added})


def start_scope(types: tuple[Type, ...], review: Review) -> Scope:
    """What is known when a run is about to start: what the trigger hands over, and the inputs."""
    names = trigger_scope(types, review).names
    return Scope({name: names[name] for name in ("trigger", "inputs")})


def trigger_scope(types: tuple[Type, ...], review: Review, *, asked: bool = True) -> Scope:
    """The outermost names of a flow that these triggers start.

    Where nobody is `asked` for the inputs, only those with a default are there.
    """
    inputs = review.definition.get("inputs")
    if isinstance(inputs, dict) and not asked:
        inputs = {key: part for key, part in inputs.items() if key != "required"}
    names = {name: Binding((kind,)) for name, kind in BUILTINS.items()}
    names["trigger"] = Binding(types or (_UNTRUSTED,))
    names["inputs"] = Binding((of_schema(inputs) if isinstance(inputs, dict) else object_of({}),))
    names["state"] = Binding((review.carried.state,))
    return Scope(names)


def _check_profile(kind: str, at: str, review: Review) -> None:
    allowed = PROFILE_TRIGGERS.get(review.profile)
    if allowed is not None and kind not in allowed and any(kind in known for known in PROFILE_TRIGGERS.values()):
        hint = f"Possible: {', '.join(sorted(allowed))}."
        review.findings.add(join(at, "type"), "not_in_profile", f"An {review.profile} has no {kind} trigger.", hint)


def _check_count(kind: str, count: int, at: str, review: Review) -> None:
    most = review.limit(_COUNTED[kind]) if kind in _COUNTED else None
    if most is not None and count > most:
        message = f"This is {kind} trigger number {count}; an app has at most {most}."
        review.findings.add(at, "too_many_triggers", message, "Put some of them into another app.")


def _check_id(trigger: Trigger, ids: set[str], at: str, review: Review) -> None:
    name = trigger.get("id")
    if not isinstance(name, str):
        return
    if name in ids:
        message = f"Two triggers are called `{name}`."
        review.findings.add(join(at, "id"), "duplicate_id", message, "Give each trigger its own id.")
    ids.add(name)


def _check_names(trigger: Trigger, at: str, taken: set[tuple[str, str]], review: Review) -> None:
    """An endpoint and a phrase start one flow: of two that have it nobody knows which is meant."""
    # With a state machine, the state decides.
    phrases = None if review.definition.get("states") else trigger.get("phrases")
    named = [("endpoint", trigger.get("endpoint"), join(at, "endpoint"))]
    for index, phrase in enumerate(phrases if isinstance(phrases, list) else ()):
        spoken = phrase.strip().lower() if isinstance(phrase, str) else None
        named.append(("phrase", spoken, join(at, "phrases", index)))
    for kind, name, where in named:
        if isinstance(name, str) and (kind, name) in taken:
            hint = f"Give each {kind} to one trigger."
            review.findings.add(where, "duplicate_start", f"Another trigger has the {kind} `{name[:40]}`.", hint)
        elif isinstance(name, str):
            taken.add((kind, name))


def _check_flow(flow: Any, at: str, review: Review) -> None:
    flows = review.definition.get("flows")
    names = list(flows) if isinstance(flows, dict) else []
    if isinstance(flow, str) and flow not in names:
        hint = review.findings.suggest(flow, names) or f"There is: {', '.join(names)}."
        review.findings.add(at, "unknown_flow", f"There is no flow `{flow[:40]}`.", hint)


def _check_schedule(trigger: Trigger, at: str, review: Review) -> None:
    for key, check in (("cron", check_cron), ("timezone", check_timezone)):
        value = trigger.get(key)
        try:
            if isinstance(value, str):
                check(value)
        except CronError as error:
            review.findings.add(join(at, key), error.code, error.message, error.hint)
    duration_seconds(trigger.get("catch_up"), join(at, "catch_up"), review.findings)


def _check_event(trigger: Trigger, at: str, review: Review) -> None:
    name = trigger.get("event")
    if not isinstance(name, str):
        return
    event = review.catalogue.events.get(name)
    if event is None and name not in review.permitted("subscribes"):
        known = review.catalogue.events
        hint = (
            review.findings.suggest(name, known) or "For an event of another app, name it in `permissions.subscribes`."
        )
        review.findings.add(join(at, "event"), "unknown_event", f"There is no event `{name[:60]}`.", hint)
    if event is not None or name in review.permitted("subscribes"):
        payload = trigger_type({**trigger, "type": "event"}, review)
        # A filter is asked before there is a run, so it knows no more than the event and the time.
        scope = Scope({"trigger": Binding((payload,)), "now": Binding((INSTANT,))})
        check_predicate(trigger.get("filter"), join(at, "filter"), values_of(payload, name), review.reader(scope))


def _check_sequence(trigger: Trigger, at: str, review: Review) -> None:
    reader = review.reader(trigger_scope((trigger_type(trigger, review),), review))
    if reader.condition(trigger.get("exit_when"), join(at, "exit_when")) is True:
        hint = "Remove it, or name what has to happen."
        review.findings.add(join(at, "exit_when"), "unreachable_steps", "The sequence is always dropped.", hint)
    sequence = trigger.get("sequence")
    for index, entry in enumerate(sequence if isinstance(sequence, list) else ()):
        if isinstance(entry, dict):
            entry_at = join(at, "sequence", index)
            check_delay(entry.get("delay"), join(entry_at, "delay"), review)
            _check_flow(entry.get("flow"), join(entry_at, "flow"), review)
            if reader.condition(entry.get("when"), join(entry_at, "when")) is False:
                hint = "Remove the entry, or its condition."
                review.findings.add(join(entry_at, "when"), "unreachable_steps", "This start is never made.", hint)
