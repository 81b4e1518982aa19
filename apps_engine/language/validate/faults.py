"""From the errors of a JSON Schema validator to problems that people can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import ValidationError

from apps_engine.language.authoring import TEMPLATE_PATH
from apps_engine.language.kinds import excerpt
from apps_engine.language.pointers import join
from apps_engine.language.shape import NAME_PATTERN
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.validator import Validator

_TYPE_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One keyword that refused a value, and the schema that holds the keyword."""

    error: ValidationError
    schema: Mapping[str, Any]
    value: Any

    @property
    def keyword(self) -> str:
        """The keyword's name."""
        return str(self.error.kind.name)

    @property
    def about(self) -> str:
        """What the schema says of the value."""
        return str(self.schema.get("description", ""))

    @property
    def known(self) -> Mapping[str, Any]:
        """The members that the schema describes."""
        properties = self.schema.get("properties", {})
        return properties if isinstance(properties, Mapping) else {}


def report_faults(validator: Validator, instance: Any, at: str, findings: Findings) -> None:
    """Every way in which a part of a definition does not fit its schema."""
    for fault in faults_of(validator, instance):
        report_fault(fault, at, findings)


def faults_of(validator: Validator, instance: Any) -> Iterable[Fault]:
    """The faults of a value; of alternatives those of the one that was meant, which is the one that fits best."""
    for error in validator.errors(instance):
        for cause in _causes(error):
            yield Fault(cause, validator.holder(cause.schema_path), _value_at(instance, cause.instance_path))


def report_fault(fault: Fault, at: str, findings: Findings) -> None:
    """One fault as a problem at its place below `at`."""
    report = _REPORTS.get(fault.keyword, _plain)
    report(findings, join(at, *fault.error.instance_path), fault)


def _causes(error: ValidationError) -> Iterable[ValidationError]:
    if error.kind.name not in ("anyOf", "oneOf"):
        return (error,)
    options = [option for option in error.kind.value if option and not _about_templates(option)]
    meant = min(options, key=lambda option: _distance(option, error), default=None)
    if meant is None or (len(options) > 1 and _distance(meant, error)[0]):
        return (error,)
    return [cause for inner in meant for cause in _causes(inner)]


def _value_at(instance: Any, path: Sequence[str | int]) -> Any:
    """The value as it was written; the validator's own copy may have lost digits."""
    for step in path:
        instance = instance[step]
    return instance


def _about_templates(option: list[ValidationError]) -> bool:
    """Whether the alternative was a template: nobody who wrote a wrong value meant one."""
    return option[0].schema_path[: len(TEMPLATE_PATH)] == TEMPLATE_PATH


def _distance(option: list[ValidationError], whole: ValidationError) -> tuple[bool, int]:
    """An alternative of another type was not meant; of the others, the one with the fewest faults."""
    return any(e.kind.name == "type" and e.instance_path == whole.instance_path for e in option), len(option)


def _missing(findings: Findings, at: str, fault: Fault) -> None:
    name = fault.error.kind.value
    about = fault.known.get(name, {}).get("description", "")
    findings.add(at, "missing_key", f"`{name}` is missing.", about and f"{name}: {about}")


def _unknown(findings: Findings, at: str, fault: Fault) -> None:
    for name in fault.error.kind.value:
        hint = findings.suggest(name, fault.known) or f"Possible here: {', '.join(fault.known) or 'nothing'}."
        findings.add(join(at, name), "unknown_key", f"`{excerpt(name)}` has no meaning here.", hint)


def _wrong_type(findings: Findings, at: str, fault: Fault) -> None:
    wanted = " or ".join(_TYPE_NAMES.get(name, name) for name in fault.error.kind.value)
    findings.add(at, "wrong_type", f"This must be {wanted}, not {_shown(fault)}.", fault.about)


def _alternatives(findings: Findings, at: str, fault: Fault) -> None:
    findings.add(at, "wrong_type", f"This cannot be {_shown(fault)}.", fault.about)


def _not_allowed(findings: Findings, at: str, fault: Fault) -> None:
    allowed = fault.schema["enum"] if "enum" in fault.schema else [fault.schema.get("const")]
    names = [one for one in allowed if isinstance(one, str)]
    near = findings.suggest(fault.value, names) if isinstance(fault.value, str) else ""
    choices = ", ".join(str(one) for one in allowed[:20])
    findings.add(at, "not_allowed", f"{_shown(fault)} is not possible here.", near or f"Possible: {choices}.")


def _too_short(findings: Findings, at: str, fault: Fault) -> None:
    findings.add(at, "too_short", f"This needs at least {_counted(fault)}.", fault.about)


def _too_long(findings: Findings, at: str, fault: Fault) -> None:
    findings.add(at, "too_long", f"This may have at most {_counted(fault)}.", fault.about)


def _out_of_range(findings: Findings, at: str, fault: Fault) -> None:
    bound = f"{_BOUNDS[fault.keyword]} {fault.schema[fault.keyword]}"
    findings.add(at, "out_of_range", f"{_shown(fault)} is out of range: it must be {bound}.", fault.about)


def _bad_format(findings: Findings, at: str, fault: Fault) -> None:
    form = _FORMS.get(str(fault.schema.get("pattern")), "")
    hint = " ".join(part for part in (fault.about, form) if part)
    findings.add(at, "bad_format", f"{_shown(fault)} is not written as it must be.", hint)


def _duplicates(findings: Findings, at: str, fault: Fault) -> None:
    findings.add(at, "duplicate_value", "The list holds the same value twice.", "Remove one of them.")


def _plain(findings: Findings, at: str, fault: Fault) -> None:
    findings.add(at, "bad_format", f"{_shown(fault)} is not accepted here.", fault.about)


def _counted(fault: Fault) -> str:
    number, unit = fault.schema[fault.keyword], _UNITS[fault.keyword]
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _shown(fault: Fault) -> str:
    return f"'{excerpt(fault.value)}'" if isinstance(fault.value, str) else excerpt(fault.value)


_FORMS = {NAME_PATTERN: "Use letters, digits and _, no digit first, 64 characters at most."}

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

_REPORTS: Mapping[str, Callable[[Findings, str, Fault], None]] = {
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
