"""From the errors of a JSON Schema validator to problems that people can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from apps_engine.language.kinds import excerpt
from apps_engine.language.pointers import join
from apps_engine.language.validate.findings import Findings

_Report = Callable[[Findings, str, ValidationError], None]

_TYPE_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


def report_faults(validator: Draft202012Validator, instance: Any, at: str, findings: Findings) -> None:
    """Every way in which a part does not fit its schema."""
    report_errors(validator.iter_errors(instance), at, findings)


def report_errors(errors: Iterable[ValidationError], at: str, findings: Findings) -> None:
    """Each error as a problem at its place below `at`."""
    for error in errors:
        for cause in causes(error):
            report = _REPORTS.get(str(cause.validator), _plain)
            report(findings, join(at, *cause.absolute_path), cause)


def causes(error: ValidationError) -> Iterable[ValidationError]:
    """The errors to tell: of alternatives those of the one that was meant, which is the one that fits best."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return (error,)
    by_option: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        by_option.setdefault(inner.relative_schema_path[0], []).append(inner)
    meant = min(by_option.values(), key=_distance)
    if _distance(meant)[0]:
        return (error,)
    return [cause for inner in meant for cause in causes(inner)]


def _distance(errors: list[ValidationError]) -> tuple[bool, int]:
    """An alternative of another type was not meant; of the others, the one with the fewest faults."""
    return any(error.validator == "type" and not error.relative_path for error in errors), len(errors)


def _missing(findings: Findings, at: str, error: ValidationError) -> None:
    for name in error.validator_value:
        if name not in error.instance:
            properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
            about = properties.get(name, {}).get("description", "")
            findings.add(at, "missing_key", f"`{name}` is missing.", about and f"{name}: {about}")


def _unknown(findings: Findings, at: str, error: ValidationError) -> None:
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    for name in error.instance:
        if name not in known:
            hint = findings.suggest(name, known) or f"Possible here: {', '.join(known) or 'nothing'}."
            findings.add(join(at, name), "unknown_key", f"`{excerpt(name)}` has no meaning here.", hint)


def _wrong_type(findings: Findings, at: str, error: ValidationError) -> None:
    accepted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    wanted = " or ".join(_TYPE_NAMES.get(str(name), str(name)) for name in accepted)
    findings.add(at, "wrong_type", f"This must be {wanted}, not {_found(error.instance)}.", _about(error))


def _alternatives(findings: Findings, at: str, error: ValidationError) -> None:
    findings.add(at, "wrong_type", f"This cannot be {_found(error.instance)}.", _about(error))


def _not_allowed(findings: Findings, at: str, error: ValidationError) -> None:
    allowed = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    names = [value for value in allowed if isinstance(value, str)]
    near = findings.suggest(error.instance, names) if isinstance(error.instance, str) else ""
    choices = ", ".join(str(value) for value in allowed[:20])
    findings.add(at, "not_allowed", f"{_shown(error.instance)} is not possible here.", near or f"Possible: {choices}.")


def _too_short(findings: Findings, at: str, error: ValidationError) -> None:
    findings.add(at, "too_short", f"This needs at least {_counted(error)}.", _about(error))


def _too_long(findings: Findings, at: str, error: ValidationError) -> None:
    findings.add(at, "too_long", f"This may have at most {_counted(error)}.", _about(error))


def _out_of_range(findings: Findings, at: str, error: ValidationError) -> None:
    bound = f"{_BOUNDS[str(error.validator)]} {error.validator_value}"
    findings.add(at, "out_of_range", f"{_shown(error.instance)} is out of range: it must be {bound}.", _about(error))


def _bad_format(findings: Findings, at: str, error: ValidationError) -> None:
    findings.add(at, "bad_format", f"{_shown(error.instance)} is not written as it must be.", _about(error))


def _duplicates(findings: Findings, at: str, error: ValidationError) -> None:
    findings.add(at, "duplicate_value", "The list holds the same value twice.", "Remove one of them.")


def _plain(findings: Findings, at: str, error: ValidationError) -> None:
    findings.add(at, "bad_format", f"{_shown(error.instance)} is not accepted here.", _about(error))


def _counted(error: ValidationError) -> str:
    number, unit = error.validator_value, _UNITS[str(error.validator)]
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _about(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return str(schema.get("description", ""))


def _found(value: Any) -> str:
    shown = _shown(value)
    return (
        shown
        if isinstance(value, str | bool | int) or value is None
        else "a list"
        if isinstance(value, list)
        else shown
    )


def _shown(value: Any) -> str:
    return f"'{excerpt(value)}'" if isinstance(value, str) else excerpt(value)


_UNITS = {
    "minLength": "character",
    "maxLength": "character",
    "minItems": "item",
    "maxItems": "item",
    "minProperties": "member",
    "maxProperties": "member",
}

_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}

_REPORTS: Mapping[str, _Report] = {
    "required": _missing,
    "additionalProperties": _unknown,
    "type": _wrong_type,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "enum": _not_allowed,
    "const": _not_allowed,
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _too_short),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), _too_long),
    **dict.fromkeys(_BOUNDS, _out_of_range),
    "pattern": _bad_format,
    "format": _bad_format,
    "uniqueItems": _duplicates,
}
