"""A schema in the form in which the provider can hold a model to it; what that form cannot say stands in descriptions.

Imports the provider's library, so it is loaded only where a model is connected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anthropic import transform_schema

from decommerce.intelligence.schema import types_of


def constrained(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The provider's form; None for a schema with an open part, which it does not take."""
    if not _is_closed(schema):
        return None
    return transform_schema(_without_type_lists(schema))


def _is_closed(schema: Any) -> bool:
    """Whether every part says what it is: objects name their members, lists their items."""
    if not isinstance(schema, Mapping):
        return False
    if schema.get("enum") or "const" in schema:
        return True
    options = [option for key in ("anyOf", "oneOf") for option in schema.get(key, ())]
    kinds = types_of(schema)
    if not kinds and not options:
        return False
    if "object" in kinds and (not schema.get("properties") or schema.get("additionalProperties") is not False):
        return False
    if "array" in kinds and "items" not in schema:
        return False
    inner = [*schema.get("properties", {}).values(), *options, *([schema["items"]] if "items" in schema else [])]
    return all(_is_closed(part) for part in inner)


def _without_type_lists(schema: Any) -> Any:
    """`"type": ["string", "null"]` as a choice between schemas: the library knows single types only."""
    if isinstance(schema, list):
        return [_without_type_lists(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: _without_type_lists(part) if key in _HOLDING else part for key, part in schema.items()}
    if isinstance(plain.get("properties"), Mapping):
        plain["properties"] = {name: _without_type_lists(part) for name, part in plain["properties"].items()}
    kinds = types_of(plain)
    if len(kinds) < 2 or plain.get("enum"):
        return plain
    beside = {key: plain.pop(key) for key in ("title", "description") if key in plain}
    return {**beside, "anyOf": [{"type": "null"} if kind == "null" else {**plain, "type": kind} for kind in kinds]}


_HOLDING = ("items", "anyOf", "oneOf")
