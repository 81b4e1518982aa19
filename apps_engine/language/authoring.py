"""The schema of an action's parameters as an author writes them: a template may stand wherever a value may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEMPLATE_PATH = ["$defs", "template"]
TEMPLATE_REF = {"$ref": "#/$defs/template"}
TEMPLATE = {"type": "string", "pattern": r"\{\{", "description": "A template that renders the value."}
_MAX_DEPTH = 16
_LISTS = ("anyOf", "oneOf", "allOf")
_ABOUT = ("title", "description", "default", "examples")


def inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with its local `$ref`s replaced by what they mean, so that it can stand inside another one.

    A schema that contains itself is cut off at depth 16, where anything is accepted.
    """
    return dict(_inlined(schema, schema.get("$defs", {}), 0))


def _inlined(schema: Any, definitions: Mapping[str, Any], depth: int) -> Any:
    if isinstance(schema, list):
        return [_inlined(part, definitions, depth) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    if depth > _MAX_DEPTH:
        return {}
    if isinstance(reference := schema.get("$ref"), str):
        beside = {key: part for key, part in schema.items() if key != "$ref"}
        target = definitions.get(reference.rpartition("/")[2], {})
        return {**_inlined(target, definitions, depth + 1), **beside}
    return {key: _inlined(part, definitions, depth + 1) for key, part in schema.items() if key != "$defs"}


def authoring_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the parameters before rendering. The object itself has to be written out; its members need not."""
    written = _members(inlined(schema))
    return {key: part for key, part in written.items() if key != "title"}


def _members(schema: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(schema)
    if isinstance(properties := schema.get("properties"), Mapping):
        result["properties"] = {name: _templated(part) for name, part in properties.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(part := schema.get(key), Mapping):
            result[key] = _templated(part)
    for key in _LISTS:
        if isinstance(parts := schema.get(key), list):
            result[key] = [_members(part) if isinstance(part, Mapping) else part for part in parts]
    if isinstance(places := schema.get("prefixItems"), list):
        result["prefixItems"] = [_templated(part) for part in places]
    return result


def _templated(schema: Any) -> Any:
    if not isinstance(schema, Mapping) or _takes_any_text(schema):
        return schema
    about = {key: part for key, part in schema.items() if key in _ABOUT}
    value = {key: part for key, part in _members(schema).items() if key not in _ABOUT}
    return {**about, "anyOf": [value, TEMPLATE_REF]}


def _takes_any_text(schema: Mapping[str, Any]) -> bool:
    return not set(schema) - {*_ABOUT, "type"} and schema.get("type", "string") == "string"
