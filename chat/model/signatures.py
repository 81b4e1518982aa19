"""Parameters as lines of text: what a JSON Schema says, in a third of its length, for a model to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language import jsontext

# A number beyond this is a bound of the database, which no author of a definition comes to.
LARGEST_TOLD = 10**12
_BOUNDS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "more than"),
    ("maximum", "at most"),
    ("maxLength", "characters at most"),
    ("maxItems", "items at most"),
    ("pattern", "matches"),
)


def signature(schema: Mapping[str, Any]) -> str:
    """One line for each parameter: `name*` if it is required, its kind, its default, what it is."""
    lines = [schema["description"]] if schema.get("description") else []
    return "\n".join([*lines, *_members(schema, schema.get("$defs", {}))])


def _members(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        told = [_kind(part, named), *_bounds(part)]
        if part.get("default") is not None:
            told.append(f"default {jsontext.dumps(part['default'])}")
        about = f": {part['description']}" if part.get("description") else ""
        yield f"- {name}{'*' if name in required else ''} ({', '.join(told)}){about}"


def _kind(part: Any, named: Mapping[str, Any]) -> str:
    """What values there may be."""
    if not isinstance(part, Mapping):
        return "anything"
    if "$ref" in part:
        return _kind(named[part["$ref"].rpartition("/")[2]], named)
    if "enum" in part:
        return "|".join(jsontext.dumps(value) for value in part["enum"])
    if "const" in part:
        return jsontext.dumps(part["const"])
    if "anyOf" in part:
        kinds = (_kind(option, named) for option in part["anyOf"] if option != {"type": "null"})
        return " or ".join(dict.fromkeys(kinds))
    kinds = part.get("type", "anything")
    if kinds == "array":
        return f"list of {_kind(part.get('items', True), named)}"
    if kinds == "object" and part.get("properties"):
        members = "; ".join(line.removeprefix("- ") for line in _members(part, named))
        return f"object {{{members}}}"
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _bounds(part: Mapping[str, Any]) -> Iterator[str]:
    for keyword, words in _BOUNDS:
        bound = part.get(keyword)
        if bound is not None and not (isinstance(bound, int) and bound > LARGEST_TOLD):
            yield f"{words} {bound}"
