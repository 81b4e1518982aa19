"""The classes of failure that an app may have a rule for, and which of them its operations call for (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.language.catalogue import ActionSpec, Catalogue

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FailureClass:
    """When a rule fires, and what is said where the app's author wrote nothing better."""

    fires: str
    text: str


FAILURES: Mapping[str, FailureClass] = {
    "on_oauth_failure": FailureClass(
        "A connected account is missing, expired, revoked or lacks a right.",
        "Say that the connection to the account does not work any more, and offer to connect it again.",
    ),
    "on_empty_result": FailureClass(
        "What was looked for is not there, though looking worked.",
        "Say that the place was looked at and held nothing that fits; do not guess.",
    ),
    "on_ambiguous_input": FailureClass(
        "What a member asked for can mean several things.",
        "Ask one question that settles what is meant.",
    ),
    "on_rate_limit": FailureClass(
        "A service outside takes no more calls for now.",
        "Say that the service is busy and when to try again.",
    ),
    "on_partial_failure": FailureClass(
        "Some steps were done and a later one failed.",
        "Say what was done and what was not.",
    ),
    "on_llm_extraction_failure": FailureClass(
        "The model's answer could not be used.",
        "Show what was found as it is, without the model's view of it.",
    ),
}


def called_for(definition: Step, catalogue: Catalogue) -> list[str]:
    """The classes of failure that the steps of a definition can run into, in the order of the table."""
    steps = [step for flow in definition["flows"].values() for step in _steps(flow["steps"])]
    specs = [catalogue.actions[step["act"]] for step in steps if step.get("act") in catalogue.actions]
    found = {name for spec in specs for name in _of_action(spec)}
    if any("pause" in step and "for_reply" in step["pause"] for step in steps) or _talks(definition):
        found.add("on_ambiguous_input")
    if len(specs) > 1:
        found.add("on_partial_failure")
    return [name for name in FAILURES if name in found]


def completed(definition: Step, catalogue: Catalogue) -> dict[str, Any]:
    """The definition with a rule for each failure that its steps call for; what its author wrote stays as it is."""
    rules = definition.get("escalation") or {}
    added = {name: FAILURES[name].text for name in called_for(definition, catalogue) if name not in rules}
    return {**definition, "escalation": {**rules, **added}}


def _of_action(spec: ActionSpec) -> Iterator[str]:
    if spec.oauth:
        yield "on_oauth_failure"
        yield "on_empty_result"
    if spec.spends == "ai":
        yield "on_llm_extraction_failure"
    if not spec.local:
        yield "on_rate_limit"


def _talks(definition: Step) -> bool:
    return any(trigger.get("type") == "intent" for trigger in definition["triggers"])


def _steps(steps: list[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _steps(step.get("steps", []))
        for arm in step.get("branch", ()):
            yield from _steps(arm["steps"])
