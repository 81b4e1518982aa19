"""The form of a run by hand: a field for each of the app's inputs, and what was written in it (TRG-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps_engine.language import jsontext
from apps_engine.language.inputs import input_defaults
from apps_engine.language.problems import Problem
from apps_engine.language.report.words import capitalised, field_words
from chat.form_field import PREFIX, Choice, Field, read_number

Schema = Mapping[str, Any]

LONGEST_TEXT = 20_000
LONG_TEXT = 200
_NOUNS: Mapping[str, str] = {
    "integer": "whole number",
    "number": "number",
    "array": "JSON list",
    "object": "JSON object",
}
_CONTROLS: Mapping[str, str] = {"integer": "number", "number": "number", "boolean": "checkbox", "array": "json"}
# How a browser asks for a text in a format.
_FORMATS: Mapping[str, str] = {"date": "date", "email": "email", "uri": "url"}


def fields_of(schema: Schema, values: Mapping[str, Any], problems: Sequence[Problem] = ()) -> list[Field]:
    """The fields in the order of the schema; `values` are those that are shown, `problems` lie on paths into them."""
    faults = faults_by_name(schema, problems)
    required = schema.get("required", ())
    return [
        _field(name, part, values.get(name), faults.get(name, ()), name in required)
        for name, part in _properties(schema).items()
    ]


def faults_by_name(schema: Schema, problems: Sequence[Problem]) -> dict[str, list[str]]:
    """What is wrong with each input; what belongs to none of them is under the empty name."""
    known = _properties(schema)
    faults: dict[str, list[str]] = {}
    for problem in problems:
        name = problem.path.removeprefix("/").partition("/")[0]
        named = next((one for one in known if problem.message.startswith(f'"{one}" is a required')), name)
        fault = "This is needed" if named != name else _fault(known.get(name, {}), problem)
        faults.setdefault(named if named in known else "", []).append(f"{fault.rstrip('.')}.")
    return faults


def _fault(part: Schema, problem: Problem) -> str:
    """The fault in words: of a value that could not be read at all, what it should have been."""
    written, wrong, _ = problem.message.partition(" is not of type")
    alone = problem.path.count("/") == 1 and written.startswith('"')
    if wrong and alone and _type(part) in _NOUNS:
        return f"“{written.strip(chr(34))}” is no {_NOUNS[_type(part)]}"
    return capitalised(problem.message)


def shown_defaults(schema: Schema) -> dict[str, Any]:
    """What the form shows at first."""
    return input_defaults(schema)


def chosen(schema: Schema, posted: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, each value with its type. A field that was left empty is left out, and has its default."""
    read = {
        name: _read(part, posted.get(f"{PREFIX}{name}"), name in schema.get("required", ()))
        for name, part in _properties(schema).items()
    }
    return {name: value for name, value in read.items() if value is not None}


def _properties(schema: Schema) -> dict[str, Schema]:
    """The named inputs. A property's schema may also be `true`, which says nothing about it."""
    found = schema.get("properties", {})
    return {name: part if isinstance(part, Mapping) else {} for name, part in found.items()}


def _field(name: str, part: Schema, value: Any, faults: Sequence[str], required: bool) -> Field:
    control = _control(part)
    return Field(
        name,
        control,
        str(part.get("title") or capitalised(field_words(name))),
        str(part.get("description", "")),
        _shown(control, value),
        minimum=part.get("minimum"),
        maximum=part.get("maximum"),
        longest=part.get("maxLength") if control in {"text", "multiline"} else None,
        step="1" if _type(part) == "integer" else "any",
        required=required and "default" not in part,
        choices=_choices(part, value),
        faults=faults,
    )


def _type(part: Schema) -> str:
    """The one type beside null, or nothing where there are several."""
    kind = part.get("type")
    kinds = [one for one in ([kind] if isinstance(kind, str) else kind or ()) if one != "null"]
    return kinds[0] if len(kinds) == 1 else ""


def _control(part: Schema) -> str:
    kind = _type(part)
    if _options(part):
        return "choice"
    if kind == "array" and _type(part.get("items") if isinstance(part.get("items"), Mapping) else {}) == "string":
        return "lines"
    if kind == "string" and part.get("format") in _FORMATS:
        return _FORMATS[part["format"]]
    if kind == "string":
        return "multiline" if part.get("maxLength", 0) > LONG_TEXT else "text"
    return _CONTROLS.get(kind, "json")


def _options(part: Schema) -> Sequence[Any]:
    options = part.get("enum", ())
    return options if isinstance(options, list) and len(options) <= 500 else ()


def _choices(part: Schema, value: Any) -> list[Choice]:
    pairs = [(_written(option), option) for option in _options(part)]
    chosen_one = None if value is None else _written(value)
    empty = [] if not pairs or "default" in part else [Choice("", "—", value is None)]
    options = [
        Choice(text, str(option) if isinstance(option, str) else text, text == chosen_one) for text, option in pairs
    ]
    return [*empty, *options]


def _written(value: Any) -> str:
    return jsontext.dumps(value)


def _shown(control: str, value: Any) -> Any:
    if control == "lines" and isinstance(value, list):
        return "\n".join(str(line) for line in value)
    if control == "json" and value is not None:
        return value if isinstance(value, str) else jsontext.dumps(value, indent=2)
    return value


def _read(part: Schema, written: str | None, required: bool) -> Any:
    """The value of a field, None for nothing; what is no value of its kind stays a text, which the check refuses."""
    control = _control(part)
    if control == "checkbox":
        return written is not None
    text = (written or "").replace("\x00", "").replace("\r\n", "\n")[:LONGEST_TEXT]
    if control == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if control == "multiline":
        return text if text or required else None
    if not text.strip():
        return None
    if control == "choice":
        return next((option for option in _options(part) if _written(option) == text), text)
    if control == "number":
        return read_number(text.strip(), whole=_type(part) == "integer")
    return text.strip() if control == "text" or control in _FORMATS.values() else _parsed(text)


def _parsed(text: str) -> Any:
    try:
        return jsontext.loads(text)
    except jsontext.JsonTextError:
        return text
