"""The static type of what a JSON Schema describes: an event's payload, an app's inputs, a model's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.kinds import Kind
from apps_engine.language.static_types import Origin, Type
from apps_engine.language.templates import template_texts

_KINDS: Mapping[str, Kind] = {
    "string": Kind.TEXT,
    "integer": Kind.NUMBER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "null": Kind.NULL,
    "array": Kind.LIST,
    "object": Kind.OBJECT,
}


def of_schema(
    schema: Any, untrusted: frozenset[str] = frozenset(), at: str = "", *, origin: Origin = Origin.MEMBER
) -> Type:
    """The type that a JSON Schema describes; `untrusted` holds the dotted paths of what the `origin` wrote.

    Lists have no place in such a path: `comments.body` is the body of every comment. A property that is neither
    required nor has a default is optional. What is no schema is unknown.
    """
    wrote = origin if at in untrusted else Origin.PLATFORM
    if not isinstance(schema, Mapping):
        return Type(untrusted=wrote)
    options = schema.get("anyOf")
    alternatives = [option for option in options if option != {"type": "null"}] if isinstance(options, list) else []
    if len(alternatives) == 1 and "type" not in schema:
        return replace(of_schema(alternatives[0], untrusted, at, origin=origin), nullable=True)
    kind, nullable = _kind(schema)
    described = schema.get("properties")
    properties = described if isinstance(described, Mapping) else {}
    return Type(
        kind=kind,
        fields={name: _property(name, schema, untrusted, at, origin) for name in properties},
        item=of_schema(schema["items"], untrusted, at, origin=origin) if "items" in schema else None,
        open=not properties or schema.get("additionalProperties", False) is not False,
        nullable=nullable,
        untrusted=origin if _untrusted(schema, properties, untrusted, at) else Origin.PLATFORM,
    )


def _property(name: str, schema: Mapping[str, Any], untrusted: frozenset[str], at: str, origin: Origin) -> Type:
    part, path = schema["properties"][name], _dotted(at, name)
    # Everything below an untrusted object is untrusted.
    found = of_schema(part, untrusted | {path} if at in untrusted else untrusted, path, origin=origin)
    required = schema.get("required")
    given = isinstance(required, list) and name in required
    return replace(found, optional=not given and not (isinstance(part, Mapping) and "default" in part))


def _untrusted(schema: Mapping[str, Any], properties: Mapping[str, Any], untrusted: frozenset[str], at: str) -> bool:
    """Whether the value itself is untrusted text, or may hold some where the schema does not look."""
    if _written_out(schema):
        return False
    below = (
        path.removeprefix(f"{at}.") if at else path for path in untrusted if path.startswith(f"{at}." if at else "")
    )
    return at in untrusted or any(rest and rest.partition(".")[0] not in properties for rest in below)


def _written_out(schema: Mapping[str, Any]) -> bool:
    """Whether the schema lists the values there can be, none of which a template would put in."""
    listed = schema["enum"] if isinstance(schema.get("enum"), list) else [schema["const"]] if "const" in schema else []
    return bool(listed) and not any("{{" in text for _, text in template_texts(listed))


def _kind(schema: Mapping[str, Any]) -> tuple[Kind, bool]:
    declared = schema.get("type", [])
    names = [name for name in (declared if isinstance(declared, list) else [declared]) if isinstance(name, str)]
    named = [name for name in names if name != "null"]
    kind = _KINDS.get(named[0], Kind.ANY) if len(named) == 1 else Kind.ANY
    instant = kind is Kind.TEXT and schema.get("format") == "date-time"
    return Kind.INSTANT if instant else kind, "null" in names


def _dotted(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
