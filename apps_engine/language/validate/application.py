"""What concerns the app as a whole: what a superpower must say, permissions, states, settings."""

from __future__ import annotations

from typing import Any

from apps_engine.language.limits import SUPERPOWER
from apps_engine.language.pointers import join
from apps_engine.language.static_types import Type
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.triggers import start_scope, trigger_scope, trigger_type


def check_application(review: Review) -> None:
    """Report everything wrong with the app as a whole."""
    _check_superpower(review)
    _check_states(review)
    _check_concurrency(review)


def _check_superpower(review: Review) -> None:
    definition = review.definition
    if review.profile != SUPERPOWER:
        return
    criteria = definition.get("completion_criteria")
    if criteria is None or (isinstance(criteria, str) and not criteria.strip()):
        hint = "Say in one sentence what the member has when it went well."
        review.findings.add("", "missing_completion_criteria", "`completion_criteria` is missing.", hint)
    rules, least = definition.get("escalation", {}), review.limit("escalation_rules") or 0
    if isinstance(rules, dict) and len(rules) < least:
        hint = "For example on_empty_result, on_oauth_failure, on_partial_failure, on_rate_limit."
        message = f"A superpower has at least {least} escalation rules."
        review.findings.add("/escalation" if "escalation" in definition else "", "missing_escalation", message, hint)


def _check_states(review: Review) -> None:
    machine = review.definition.get("states")
    states = machine.get("states") if isinstance(machine, dict) else None
    if not isinstance(machine, dict) or not isinstance(states, dict):
        return
    _check_state(machine.get("initial"), "/states/initial", states, review)
    flows = review.definition.get("flows")
    for name, state in states.items():
        if isinstance(state, dict):
            _check_one_state(state, join("/states/states", name), states, flows, review)


def _check_one_state(state: dict[str, Any], at: str, states: dict[str, Any], flows: Any, review: Review) -> None:
    reader = review.reader(trigger_scope((Type(),), review))
    for index, flow in enumerate(state["flows"] if isinstance(state.get("flows"), list) else ()):
        if isinstance(flow, str) and isinstance(flows, dict) and flow not in flows:
            where = join(at, "flows", index)
            hint = review.findings.suggest(flow, flows)
            review.findings.add(where, "unknown_flow", f"There is no flow `{flow[:40]}`.", hint)
    for index, transition in enumerate(state["transitions"] if isinstance(state.get("transitions"), list) else ()):
        if isinstance(transition, dict):
            where = join(at, "transitions", index)
            _check_state(transition.get("to"), join(where, "to"), states, review)
            reader.condition(transition.get("when"), join(where, "when"))


def _check_state(name: Any, at: str, states: dict[str, Any], review: Review) -> None:
    if isinstance(name, str) and name not in states:
        hint = review.findings.suggest(name, states) or f"There is: {', '.join(states)}."
        review.findings.add(at, "unknown_state", f"There is no state `{name[:40]}`.", hint)


def _check_concurrency(review: Review) -> None:
    """The key is rendered when a run is about to start, whatever trigger starts it."""
    settings = review.definition.get("settings")
    concurrency = settings.get("concurrency") if isinstance(settings, dict) else None
    key = concurrency.get("key") if isinstance(concurrency, dict) else None
    if isinstance(key, str):
        types = tuple(trigger_type(trigger, review) for trigger, _ in review.triggers())
        review.reader(start_scope(types, review)).text(key, "/settings/concurrency/key")
