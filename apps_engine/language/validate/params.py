"""Parameters of actions and transforms against their schema, as far as they are constant."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from apps_engine.language.authoring import inlined
from apps_engine.language.jsontext import dumps, loads
from apps_engine.language.kinds import Kind, described_kinds
from apps_engine.language.pointers import join
from apps_engine.language.static_types import Type
from apps_engine.language.validate.faults import causes, report_errors
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.validator import validator_of

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


def check_params(params: Any, schema: Mapping[str, Any], at: str, owner: str, findings: Findings) -> None:
    """Report missing, unknown and wrong parameters. What a template renders is judged when it is rendered."""
    if not isinstance(params, Mapping):
        return
    for error in _validator(dumps(schema)).iter_errors(params):
        for cause in causes(error):
            if not cause.path and cause.validator in ("required", "additionalProperties"):
                _membership(cause, at, owner, findings)
            elif not holds_template(cause.instance) or cause.validator in ("required", "additionalProperties"):
                report_errors([cause], at, findings)


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


def parameter_schemas(schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The schema of each parameter by name."""
    properties: Mapping[str, Mapping[str, Any]] = _resolved(dumps(schema)).get("properties", {})
    return properties


def holds_template(value: Any) -> bool:
    """Whether a template stands somewhere in it."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, Mapping):
        return any(holds_template(part) for part in value.values())
    return isinstance(value, list) and any(holds_template(part) for part in value)


def _membership(error: ValidationError, at: str, owner: str, findings: Findings) -> None:
    properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                about = properties.get(name, {}).get("description", "")
                message = f"`{owner}` needs the parameter `{name}`."
                findings.add(at, "missing_parameter", message, about and f"{name}: {about}")
        return
    for name in error.instance:
        if name not in properties:
            hint = findings.suggest(name, properties) or f"It has: {', '.join(properties)}."
            findings.add(join(at, name), "unknown_parameter", f"`{owner}` has no parameter `{name}`.", hint)


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


@lru_cache(maxsize=512)
def _resolved(schema: str) -> dict[str, Any]:
    return inlined(loads(schema))


@lru_cache(maxsize=512)
def _validator(schema: str) -> Draft202012Validator:
    return validator_of(_resolved(schema))
