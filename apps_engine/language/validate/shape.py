"""The shape of a definition, of its triggers and of its flows; steps are judged where they are walked."""

from __future__ import annotations

from typing import Any

from apps_engine.language.pointers import join
from apps_engine.language.shape import ARM, DEFINITION, FLOW, RESPONSE, STATES, STEPS
from apps_engine.language.shape_triggers import TRIGGERS
from apps_engine.language.validate.faults import report_faults
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.inputs import check_inputs
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.validator import Validator

_DEFINITION = Validator(DEFINITION)
_FLOW = Validator(FLOW)
_RESPONSE = Validator(RESPONSE)
_STATES = Validator(STATES)
_TRIGGERS = {kind: Validator(schema) for kind, schema in TRIGGERS.items()}
ARM_VALIDATOR = Validator(ARM)
STEP_VALIDATORS = {kind: Validator(schema) for kind, schema in STEPS.items()}


def check_shape(review: Review) -> None:
    """Report what does not fit, from the top down to the flows."""
    check_inputs(review.definition.get("inputs"), review.findings)
    if not review.shaped:
        _check_parts(review)


def _check_parts(review: Review) -> None:
    definition, findings = review.definition, review.findings
    report_faults(_DEFINITION, definition, "", findings)
    if isinstance(states := definition.get("states"), dict):
        report_faults(_STATES, states, "/states", findings)
    triggers = definition.get("triggers")
    for index, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
        _check_trigger(trigger, join("/triggers", index), findings)
    flows = definition.get("flows")
    for name, flow in flows.items() if isinstance(flows, dict) else ():
        at = join("/flows", name)
        report_faults(_FLOW, flow, at, findings)
        if isinstance(flow, dict) and isinstance(flow.get("response"), dict):
            report_faults(_RESPONSE, flow["response"], join(at, "response"), findings)


def _check_trigger(trigger: Any, at: str, findings: Findings) -> None:
    kind = trigger.get("type") if isinstance(trigger, dict) else None
    if isinstance(kind, str) and kind in _TRIGGERS:
        report_faults(_TRIGGERS[kind], trigger, at, findings)
    elif not isinstance(trigger, dict):
        findings.add(at, "wrong_type", "A trigger is an object.")
    elif not isinstance(kind, str):
        findings.add(at, "missing_key", "`type` is missing.", f"Possible: {', '.join(_TRIGGERS)}.")
    else:
        hint = findings.suggest(kind, _TRIGGERS) or f"Possible: {', '.join(_TRIGGERS)}."
        findings.add(join(at, "type"), "not_allowed", f"There is no trigger of type '{kind[:40]}'.", hint)
