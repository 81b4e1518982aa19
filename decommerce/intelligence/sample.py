"""A value that fits a schema, the same each time: what a preview shows where nothing was asked (RUN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from decommerce.intelligence.schema import types_of

_BY_FORMAT = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:00:00Z",
    "time": "09:00:00Z",
    "duration": "P1D",
    "email": "sample@example.com",
    "uri": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_NUMBER = Decimal("47.52")
_INTEGER = 3


def sample(schema: Any, name: str = "") -> Any:
    """The first value that the schema suggests: its constant, default, example or first choice, or one of its type."""
    if not isinstance(schema, Mapping):
        return f"Sample {_words(name)}".strip()
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return sample(schema[key][0], name)
    kind = next((kind for kind in types_of(schema) if kind != "null"), "null" if types_of(schema) else "string")
    return _SAMPLES[kind](schema, name)


def empty(schema: Any) -> Any:
    """The least that fits: null where it may be, else nothing, zero or no, as near as the schema lets it."""
    if not isinstance(schema, Mapping):
        return None
    if "const" in schema:
        return schema["const"]
    if choices := schema.get("enum"):
        return None if None in choices else choices[0]
    for key in ("anyOf", "oneOf"):
        if options := schema.get(key):
            return None if any(types_of(option) == ("null",) for option in options) else empty(options[0])
    kinds = types_of(schema)
    if not kinds or "null" in kinds:
        return None
    return _EMPTY[kinds[0]](schema)


def _object(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {member: sample(part, member) for member, part in schema.get("properties", {}).items()}


def _array(schema: Mapping[str, Any], name: str) -> list[Any]:
    count = min(max(schema.get("minItems", 0), 1), schema.get("maxItems", 1))
    item = schema.get("items", {"type": "string"})
    return [sample(item, name) for _ in range(count)]


def _string(schema: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    text = f"Sample {_words(name)}".strip()
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 1_000)]


def _number(schema: Mapping[str, Any], name: str) -> Any:
    return _bounded(_NUMBER, schema)


def _integer(schema: Mapping[str, Any], name: str) -> int:
    return int(_bounded(_INTEGER, schema))


def _bounded(number: Any, schema: Mapping[str, Any]) -> Any:
    """The number, moved into the bounds of the schema."""
    step = schema.get("multipleOf", 1)
    lowest = schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else schema.get("minimum")
    highest = schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else schema.get("maximum")
    if lowest is not None and number < lowest:
        number = lowest
    if highest is not None and number > highest:
        number = highest
    return number - number % schema["multipleOf"] if "multipleOf" in schema else number


def _words(name: str) -> str:
    return name.replace("_", " ").strip()


_SAMPLES: Mapping[str, Callable[[Mapping[str, Any], str], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": lambda schema, name: True,
    "null": lambda schema, name: None,
}
_EMPTY: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "object": lambda schema: {name: empty(part) for name, part in schema.get("properties", {}).items()},
    "array": lambda schema: [empty(schema.get("items", {})) for _ in range(schema.get("minItems", 0))],
    "string": lambda schema: _BY_FORMAT.get(schema.get("format", ""), "") or " " * schema.get("minLength", 0),
    "number": lambda schema: _bounded(0, schema),
    "integer": lambda schema: int(_bounded(0, schema)),
    "boolean": lambda schema: False,
}
