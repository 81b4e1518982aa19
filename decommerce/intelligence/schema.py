"""The schema of a model's answer, written by an app's author: bounded, closed, and judged by linear means (SEC-03).

Only keywords that can be explained to a model, filled in offline and shown in a preview are taken. A schema refers to
nothing, not even to itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jsonschema_rs

from decommerce.community.exact_json import dumps
from decommerce.intelligence.errors import SchemaRefused

MAX_BYTES = 16_384
MAX_DEPTH = 8
MAX_PROPERTIES = 200
MAX_FAULTS = 12
# Alternatives in all; each of them is tried, and the reasons why none fits are kept.
MAX_OPTIONS = 100
# Entries and characters of the least answer that fits: a schema of a line could ask for more than any memory holds.
MAX_LEAST = 20_000
# Bounds of numbers are such that one can be divided by the other exactly.
LARGEST, SMALLEST_STEP = Decimal("1e18"), Decimal("1e-9")
# An answer that is longer is told its first fault only: all of them are found before any is told.
MAX_EXPLAINED = 5_000

_ABOUT = frozenset({"$schema", "title", "description", "default", "examples"})
_ANY = frozenset({"type", "enum", "const", "anyOf", "oneOf"})
_OBJECT = frozenset({"properties", "required", "additionalProperties"})
_ARRAY = frozenset({"items", "minItems", "maxItems", "uniqueItems"})
_NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_TEXT = frozenset({"minLength", "maxLength", "pattern", "format"})
KEYWORDS = _ABOUT | _ANY | _OBJECT | _ARRAY | _NUMBER | _TEXT
_CHOICES = ("anyOf", "oneOf")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")


def answer_schema(schema: Any) -> dict[str, Any]:
    """The schema with everything named in it required and nothing else admitted; raises SchemaRefused.

    An object that names no members stays open.
    """
    if not isinstance(schema, Mapping) or schema.get("type", "object") != "object" or not schema.get("properties"):
        raise SchemaRefused(
            "The schema of an answer describes an object with properties.",
            hint='Begin with {"type": "object", "properties": {...}}.',
        )
    if len(dumps(schema).encode()) > MAX_BYTES:
        raise SchemaRefused(f"The schema is longer than {MAX_BYTES // 1024} KiB.", hint="Ask for less at a time.")
    parts = list(_parts(schema, 1))
    for part in parts:
        if unknown := sorted(set(part) - KEYWORDS):
            raise SchemaRefused(
                f"`{unknown[0]}` is not available in the schema of an answer.",
                hint=f"Use {', '.join(sorted(KEYWORDS - _ABOUT))}.",
            )
    if sum(len(part.get("properties", {})) for part in parts) > MAX_PROPERTIES:
        raise SchemaRefused(f"The schema names more than {MAX_PROPERTIES} properties.", hint="Ask for less at a time.")
    if sum(len(part.get(key, ())) for part in parts for key in _CHOICES) > MAX_OPTIONS:
        raise SchemaRefused(f"The schema names more than {MAX_OPTIONS} alternatives.", hint="Ask for less at a time.")
    closed: dict[str, Any] = {"type": "object", **_closed(schema)}
    _validator(dumps(closed))
    _refuse_numbers(parts)
    if _least(closed) > MAX_LEAST:
        raise SchemaRefused(
            f"An answer would have at least {MAX_LEAST:,} characters and entries.",
            hint="Lower `minItems` and `minLength`.",
        )
    return closed


def faults(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """Why a value does not fit a schema, the first twelve reasons, of a long one the first; empty where it does."""
    validator = _validator(dumps(schema))
    if validator.is_valid(value):
        return []
    found = []
    for error in validator.iter_errors(value) if len(dumps(value)) <= MAX_EXPLAINED else _first(validator, value):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        found.append(f"{place.lstrip('.') or 'the answer'}: {error.message[:200]}")
        if len(found) == MAX_FAULTS:
            break
    return found


def _first(validator: jsonschema_rs.Draft202012Validator, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema names; empty where it admits any."""
    declared = schema.get("type", ())
    return (declared,) if isinstance(declared, str) else tuple(declared)


def _parts(schema: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Every schema inside a schema, itself first."""
    if depth > MAX_DEPTH:
        raise SchemaRefused(f"The schema nests more than {MAX_DEPTH} levels deep.", hint="Flatten it.")
    if not isinstance(schema, Mapping):
        if isinstance(schema, bool):
            return
        raise SchemaRefused(f"{json.dumps(schema)[:60]} is no schema.", hint='Write {"type": "string"}, say.')
    yield schema
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        raise SchemaRefused("`properties` is an object of schemas.", hint='Write {"name": {"type": "string"}}, say.')
    inner = [*properties.values(), *(schema[key] for key in ("items", "additionalProperties") if key in schema)]
    for key in _CHOICES:
        options = schema.get(key, [])
        if not isinstance(options, list):
            raise SchemaRefused(f"`{key}` is a list of schemas.", hint="Put them into [...].")
        inner.extend(options)
    for part in inner:
        yield from _parts(part, depth + 1)


def _closed(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    # JSON Schema takes 5.0 for a whole number too; who counts with it does not.
    result = {key: _whole(part) if key in _COUNTS else part for key, part in schema.items() if key != "$schema"}
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = _closed(result[key])
    for key in _CHOICES:
        if key in result:
            result[key] = [_closed(option) for option in result[key]]
    if properties := result.get("properties"):
        result["properties"] = {name: _closed(part) for name, part in properties.items()}
        result["required"] = list(properties)
        result.setdefault("additionalProperties", False)
    return result


def _whole(count: Any) -> Any:
    return int(count) if isinstance(count, Decimal | float) and count == int(count) else count


def _refuse_numbers(parts: Sequence[Mapping[str, Any]]) -> None:
    """Raise for bounds of numbers that nobody can reckon with."""
    for part in parts:
        bounds = [abs(Decimal(str(part[key]))) for key in _NUMBER if key in part]
        if any(bound > LARGEST for bound in bounds) or Decimal(str(part.get("multipleOf", 1))) < SMALLEST_STEP:
            raise SchemaRefused(
                f"A number in the schema is beyond {LARGEST:,f}, or a step below {SMALLEST_STEP:f}.",
                hint="Leave the bound out.",
            )


def _least(schema: Any) -> int:
    """How many entries and characters the least value has that fits; in choices, whichever is taken."""
    if not isinstance(schema, Mapping):
        return 1
    options = (_least(option) for key in _CHOICES for option in schema.get(key, ()))
    items = schema.get("minItems", 0) * _least(schema.get("items", True))
    members = sum(_least(part) for part in schema.get("properties", {}).values())
    return 1 + max(schema.get("minLength", 0), items, members, *options, 0)


@lru_cache(maxsize=128)
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(
            schema, offline=True, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=True
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        place = "/".join(map(str, getattr(error, "instance_path", ()))) or "the schema"
        why = str(error).splitlines()[0][:200].rstrip(".")
        raise SchemaRefused(f"This is no JSON Schema. At {place}: {why}.", hint="Correct what it names.") from error
