"""Parameters of actions and transforms against their schema, as far as they are constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.kinds import Kind, described_kinds, excerpt
from apps_engine.language.pointers import join
from apps_engine.language.static_types import Type
from apps_engine.language.validate.faults import Fault, faults_of, report_fault
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.validator import Validator

_FITTING: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: frozenset({"string"}),
    Kind.INSTANT: frozenset({"string"}),
    Kind.NUMBER: frozenset({"integer", "number"}),
    Kind.BOOLEAN: frozenset({"boolean"}),
    Kind.LIST: frozenset({"array"}),
    Kind.OBJECT: frozenset({"object"}),
}
_WORDS = {
    "string": "a text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
}


def check_params(params: Any, written: Validator, at: str, owner: str, findings: Findings) -> None:
    """Report missing, unknown and wrong parameters. What a template renders is judged when it is rendered."""
    for fault in faults_of(written, params):
        report = None if fault.error.instance_path else _MEMBERSHIP.get(fault.keyword)
        if report is None:
            report_fault(fault, at, findings)
        else:
            report(fault, at, owner, findings)


def rendered_fits(found: Type, schema: Mapping[str, Any]) -> str:
    """Empty, or why a template whose result has this type cannot stand for a parameter with this schema."""
    accepted = _accepted(schema)
    fitting = _FITTING.get(found.kind)
    if not accepted or fitting is None or accepted & fitting:
        return ""
    wanted = " or ".join(sorted({_WORDS.get(name, name) for name in accepted}))
    return f"This renders {described_kinds((found.kind,))}, but must be {wanted}."


def accepts_null(schema: Mapping[str, Any]) -> bool:
    """Whether the schema admits null, as far as it says."""
    accepted = _accepted(schema)
    return not accepted or "null" in accepted


def _missing(fault: Fault, at: str, owner: str, findings: Findings) -> None:
    name = fault.error.kind.value
    about = fault.known.get(name, {}).get("description", "")
    message = f"`{owner}` needs the parameter `{name}`."
    findings.add(at, "missing_parameter", message, about and f"{name}: {about}")


def _unknown(fault: Fault, at: str, owner: str, findings: Findings) -> None:
    for name in fault.error.kind.value:
        hint = findings.suggest(name, fault.known) or f"It has: {', '.join(fault.known)}."
        message = f"`{owner}` has no parameter `{excerpt(name)}`."
        findings.add(join(at, name), "unknown_parameter", message, hint)


_MEMBERSHIP = {"required": _missing, "additionalProperties": _unknown}


def _accepted(schema: Mapping[str, Any]) -> frozenset[str]:
    """The JSON types that a schema admits; empty when it does not say."""
    declared = schema.get("type")
    if isinstance(declared, str):
        return frozenset({declared})
    if isinstance(declared, list):
        return frozenset(declared)
    options = schema.get("anyOf")
    if not isinstance(options, list):
        return frozenset()
    by_option = [_accepted(option) for option in options if isinstance(option, Mapping)]
    return frozenset().union(*by_option) if all(by_option) else frozenset()
