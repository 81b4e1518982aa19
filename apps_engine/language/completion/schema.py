"""What the JSON Schema of definitions knows of a place: the keys of an object, the words of a choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from apps_engine.language.completion.option import Option
from apps_engine.language.jsontext import dumps
from apps_engine.language.jsonwalk import Holder, Place

Schema = Mapping[str, Any]

_DEEPEST: Final = 12
_BEGINNINGS: Final[Mapping[str, str]] = {"object": "{}", "array": "[]", "string": '""'}


def schema_options(schema: Schema, place: Place, written: str) -> Iterator[Option]:
    """The keys or the values that the schema names at a place; `written` is what stands there already."""
    holder, key = place.holders[-1], place.keys[-1]
    schemas = _reached(schema, place)
    if holder.is_object and key is None:
        return _keys(schemas, holder, written)
    return _values(_children(schemas, holder, key))


def _reached(schema: Schema, place: Place) -> list[Schema]:
    """The schemas of the innermost holder."""
    schemas = _applicable([schema], schema, place.holders[0])
    for index, holder in enumerate(place.holders[1:]):
        outer, key = place.holders[index], place.keys[index]
        schemas = _applicable(_children(schemas, outer, key), schema, holder)
    return schemas


def _applicable(schemas: Sequence[Schema], root: Schema, holder: Holder, depth: int = 0) -> list[Schema]:
    """The schemas with those that they refer to and that hold for what is written."""
    found: list[Schema] = []
    for schema in schemas if depth < _DEEPEST else ():
        found.append(schema)
        inner = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
        reference = str(schema.get("$ref", ""))
        if reference.startswith("#/$defs/"):
            inner.append(root["$defs"][reference.removeprefix("#/$defs/")])
        if "if" in schema:
            inner = [schema.get("then" if _holds(schema["if"], holder) else "else", {})]
        found += _applicable([one for one in inner if isinstance(one, Mapping)], root, holder, depth + 1)
    return found


def _holds(condition: Schema, holder: Holder) -> bool:
    """Whether a condition of keys and constants holds."""
    constants = {key: part.get("const") for key, part in condition.get("properties", {}).items()}
    return {*condition.get("required", ())} <= holder.members.keys() and all(
        holder.members.get(key) == constant for key, constant in constants.items()
    )


def _children(schemas: Sequence[Schema], holder: Holder, key: str | int | None) -> list[Schema]:
    """The schemas of what lies at a key, or of the items."""
    found = []
    for schema in schemas:
        if holder.is_object:
            part = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        else:
            part = schema.get("items")
        if isinstance(part, Mapping):
            found.append(part)
    return found


def _keys(schemas: Sequence[Schema], holder: Holder, written: str) -> Iterator[Option]:
    for schema in schemas:
        for key, part in schema.get("properties", {}).items():
            if (key not in holder.members or key == written) and part is not False:
                yield Option(key, f"{dumps(key)}: {_beginning(part)}", _about(part))
    for schema in schemas:
        for key in schema.get("required", ()):
            if key not in holder.members:
                yield Option(key, f"{dumps(key)}: ", "")


def _values(schemas: Sequence[Schema]) -> Iterator[Option]:
    for schema in _flat(schemas):
        about = schema.get("description", "")
        told = dict(part.split(": ", 1) for part in about.split("; ") if ": " in part) if "enum" in schema else {}
        values = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else ()
        for value in values:
            yield Option(str(value), dumps(value), told.get(str(value), ""))
        if schema.get("type") == "boolean":
            yield from (Option(word, word, about) for word in ("true", "false"))
        if "default" in schema:
            yield Option(dumps(schema["default"]), dumps(schema["default"]), "What holds where nothing is written.")


def _flat(schemas: Sequence[Schema]) -> Iterator[Schema]:
    """The schemas of a plain value with their alternatives."""
    for schema in schemas:
        yield schema
        for name in ("anyOf", "oneOf", "allOf"):
            yield from _flat([one for one in schema.get(name, ()) if isinstance(one, Mapping)])


def _beginning(part: Any) -> str:
    if not isinstance(part, Mapping):
        return ""
    if "const" in part:
        return dumps(part["const"])
    kind = part.get("type")
    return _BEGINNINGS.get(kind if isinstance(kind, str) else "", "")


def _about(part: Any) -> str:
    return str(part.get("description", ""))[:200] if isinstance(part, Mapping) else ""
