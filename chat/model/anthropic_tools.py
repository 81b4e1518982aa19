"""Tools in the shape of Anthropic's Messages API: strict where the API can hold a model to the schema.

Strict tools take a part of JSON Schema only (no bounds, no free objects), and a request takes a limited amount of them:
platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations". What a strict schema cannot
say stands in its descriptions; the tool checks its arguments anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.model.port import ToolSpec
from decommerce.intelligence.constrained import constrained

CACHED = {"type": "ephemeral"}
MOST_STRICT, MOST_OPTIONAL, MOST_UNIONS = 20, 24, 16


@dataclass(slots=True)
class Room:
    """How much of strict schemas one request still takes."""

    tools: int = MOST_STRICT
    optional: int = MOST_OPTIONAL
    unions: int = MOST_UNIONS

    def takes(self, schema: Mapping[str, Any]) -> bool:
        """Whether there is room for the schema, which it then has taken."""
        optional, unions = sum(_optional(schema)), sum(1 for part in _parts(schema) if _is_union(part))
        if not self.tools or optional > self.optional or unions > self.unions:
            return False
        self.tools, self.optional, self.unions = self.tools - 1, self.optional - optional, self.unions - unions
        return True


def tools_of(tools: Sequence[ToolSpec], *, strict: bool = True) -> list[dict[str, Any]]:
    """The tools, those that change something first in line for the room that strict schemas have."""
    schemas = _strict_schemas(tools) if strict else {}
    declared = [
        {
            "name": tool.name,
            "description": tool.description,
            "input_schema": schemas.get(tool.name, dict(tool.schema)),
            **({"strict": True} if tool.name in schemas else {}),
        }
        for tool in tools
    ]
    if declared:
        declared[-1]["cache_control"] = CACHED
    return declared


def _strict_schemas(tools: Sequence[ToolSpec]) -> dict[str, dict[str, Any]]:
    room = Room()
    schemas = {tool.name: strict_schema(tool.schema) for tool in sorted(tools, key=lambda tool: not tool.changes)}
    return {name: schema for name, schema in schemas.items() if schema is not None and room.takes(schema)}


def strict_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema as it is held to, None for one with an open part. What has a default is required: a model says it."""
    return constrained(_complete(schema))


def _complete(schema: Mapping[str, Any]) -> dict[str, Any]:
    members = schema.get("properties", {})
    required = {*schema.get("required", ()), *(name for name, part in members.items() if "default" in part)}
    return {**schema, "required": [name for name in members if name in required]}


def _optional(schema: Mapping[str, Any]) -> Iterator[int]:
    for part in _parts(schema):
        if "properties" in part:
            yield len(part["properties"]) - len(part.get("required", ()))


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """The schema and every schema in it."""
    if isinstance(schema, Mapping):
        yield schema
        named = (schema.get("properties", {}), schema.get("$defs", {}))
        inner = (*(part for group in named for part in group.values()), schema.get("items"), *schema.get("anyOf", ()))
        for part in inner:
            yield from _parts(part)


def _is_union(schema: Mapping[str, Any]) -> bool:
    return "anyOf" in schema or isinstance(schema.get("type"), list)
