"""What concerns the app as a whole: what a superpower must say, permissions, states, settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps_engine.language.escalation import FAILURES
from apps_engine.language.limits import SUPERPOWER
from apps_engine.language.pointers import join
from apps_engine.language.static_types import Type
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.triggers import start_scope, trigger_scope, trigger_type


def check_application(review: Review) -> None:
    """Report everything wrong with the app as a whole."""
    _check_superpower(review)
    _check_escalation(review)
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


def _check_escalation(review: Review) -> None:
    """Rules that no failure and no step asks for never speak."""
    rules = review.definition.get("escalation")
    if not isinstance(rules, dict):
        return
    asked = set(_values(review.definition.get("flows"), "on_error"))
    for name in rules:
        if name not in FAILURES and name not in asked:
            hint = review.findings.suggest(name, FAILURES) or f"Failures are: {', '.join(FAILURES)}."
            where = join("/escalation", name)
            review.findings.add(where, "unused_rule", f"Nothing fails with `{name[:40]}`.", hint)


def _values(tree: Any, key: str) -> Iterator[str]:
    """Every text under that key, however deep."""
    pending = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if isinstance(item.get(key), str):
                yield item[key]
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def _check_states(review: Review) -> None:
    machine = review.definition.get("states")
    states = machine.get("states") if isinstance(machine, dict) else None
    if not isinstance(machine, dict) or not isinstance(states, dict):
        return
    _check_state(machine.get("initial"), "/states/initial", states, review)
    flows = review.definition.get("flows")
    reached = {*_values({"to": machine.get("initial"), "states": states}, "to")}
    for name, state in states.items():
        at = join("/states/states", name)
        if isinstance(state, dict):
            _check_one_state(state, at, states, flows, review)
        if name not in reached:
            hint = "Let a transition lead to it, or remove it."
            review.findings.add(at, "unreachable_state", f"Nothing leads to the state `{name[:40]}`.", hint)


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
    if isinstance(concurrency, dict) and "max" in concurrency and concurrency.get("mode") != "parallel":
        hint = 'Write "mode": "parallel", or leave `max` out.'
        review.findings.add("/settings/concurrency/max", "no_effect", "`max` counts for parallel runs only.", hint)
    key = concurrency.get("key") if isinstance(concurrency, dict) else None
    if isinstance(key, str):
        types = tuple(trigger_type(trigger, review) for trigger, _ in review.triggers())
        review.reader(start_scope(types, review)).text(key, "/settings/concurrency/key")
