"""Filling a schema from what there is to read: by the names and types of its fields. Always valid, never clever."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from decommerce.intelligence.errors import ModelAnswerInvalid
from decommerce.intelligence.offline.choices import picked
from decommerce.intelligence.offline.facts import key_of
from decommerce.intelligence.offline.fields import FLAGS, NUMBERS, TEXTS
from decommerce.intelligence.offline.lists import listed
from decommerce.intelligence.offline.reading import Reading
from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.offline.texts import cut
from decommerce.intelligence.port import ModelRequest
from decommerce.intelligence.sample import empty, sample
from decommerce.intelligence.schema import faults, types_of


def filled(request: ModelRequest, source: Source) -> dict[str, Any]:
    """An object that fits the request's schema; raises ModelAnswerInvalid where only a model could make one."""
    schema = request.schema or {}
    value: dict[str, Any] = _object("", schema, Reading(request, source))
    if reasons := faults(value, schema):
        raise ModelAnswerInvalid(
            f"The offline heuristics cannot fill this schema: {reasons[0]}",
            hint="Connect an AI model, or ask for plain fields.",
            sent=False,
        )
    return value


def _value(name: str, schema: Any, reading: Reading) -> Any:
    """What fits the schema and, if anything does, the name."""
    if not isinstance(schema, Mapping):
        return reading.source.title
    found = _guess(name, schema, reading)
    for candidate in (found, _shaped(found, schema), empty(schema)):
        if candidate is not None and not faults(candidate, schema):
            return candidate
    return None if not faults(None, schema) else sample(schema, name)


def _guess(name: str, schema: Mapping[str, Any], reading: Reading) -> Any:
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return picked(name, schema["enum"], reading.source)
    for key in ("anyOf", "oneOf"):
        if options := schema.get(key):
            return _value(
                name, next((option for option in options if types_of(option) != ("null",)), options[0]), reading
            )
    kind = next((kind for kind in types_of(schema) if kind != "null"), "")
    return _BY_KIND[kind](name, schema, reading)


def _object(name: str, schema: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    inner = reading.inside(name) if name else reading
    properties = schema.get("properties", {})
    if not properties:
        given = inner.source.value
        return dict(given) if isinstance(given, Mapping) else {}
    lists = [member for member, part in properties.items() if isinstance(part, Mapping) and "array" in types_of(part)]
    inner = inner.beside(lists)
    return {member: _value(member, part, inner) for member, part in properties.items()}


def _array(name: str, schema: Mapping[str, Any], reading: Reading) -> list[Any]:
    item = schema.get("items", {})
    found = [_item(name, item, entry, reading) for entry in listed(name, item, reading)]
    return found[: schema.get("maxItems", len(found))]


def _item(name: str, schema: Any, entry: Any, reading: Reading) -> Any:
    """One entry in the shape that the schema gives items."""
    if not isinstance(schema, Mapping) or not faults(entry, schema):
        return entry
    kinds = types_of(schema)
    if isinstance(entry, str) and "string" in kinds:
        return cut(entry, schema.get("maxLength", 1_000))
    inner = reading.about(entry)
    if "string" in kinds:
        return cut(inner.source.title, schema.get("maxLength", 300))
    return _value("" if "object" in kinds else name, schema, inner)


def _text(name: str, schema: Mapping[str, Any], reading: Reading) -> str | None:
    given = _given(name, reading, str)
    written = TEXTS.read(name, reading, last=given)
    return written if written is not None else _by_format(schema, reading)


def _by_format(schema: Mapping[str, Any], reading: Reading) -> str | None:
    return TEXTS.read(str(schema.get("format", "")).replace("-", "_"), reading) or ""


def _number(name: str, schema: Mapping[str, Any], reading: Reading) -> Any:
    given = _given(name, reading, int | float | Decimal)
    return NUMBERS.read(name, reading.within(schema), last=given)


def _flag(name: str, schema: Mapping[str, Any], reading: Reading) -> bool:
    given = _given(name, reading, bool)
    return bool(given if given is not None else FLAGS.read(name, reading))


def _given(name: str, reading: Reading, kind: Any) -> Any:
    """The member of that name in the material, where it has the right type."""
    value = reading.source.keyed.get(key_of(name))
    if isinstance(value, bool) and kind is not bool:
        return None
    return value if isinstance(value, kind) else None


def _shaped(value: Any, schema: Mapping[str, Any]) -> Any:
    """The value, moved into the bounds of the schema where that is possible."""
    if isinstance(value, str):
        return cut(value, schema.get("maxLength", len(value)))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    low, high = schema.get("minimum"), schema.get("maximum")
    value = low if low is not None and value < low else high if high is not None and value > high else value
    return round(value) if "integer" in types_of(schema) else value


def _open(name: str, schema: Mapping[str, Any], reading: Reading) -> Any:
    return reading.source.keyed.get(key_of(name))


_BY_KIND = {
    "object": _object,
    "array": _array,
    "string": _text,
    "number": _number,
    "integer": _number,
    "boolean": _flag,
    "": _open,
}
