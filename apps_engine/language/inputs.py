"""The schema of an app's inputs, which somebody wrote: judged and used by one validator (SEC-02, SEC-03).

Patterns are linear and nothing is fetched. A schema refers to nothing, not even to itself: references that call each
other twice double the work at every step, and one that names another draft or another place would be resolved anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import jsonschema_rs

from apps_engine.language.jsontext import dumps
from apps_engine.language.pointers import join

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "$id")
# With one of these a schema says more about names than `properties` does.
_OPEN = (
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "allOf",
    "anyOf",
    "oneOf",
)
_LINEAR = jsonschema_rs.RegexOptions()
# The formats that people fill in, each with a text of it. The others of the dialect are checked as well.
FORMATS: Mapping[str, str] = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T09:00:00Z",
    "time": "09:00:00Z",
    "duration": "PT90M",
    "email": "mira@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/page",
    "uuid": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


def inputs_validator(schema: Mapping[str, Any], *, any_format: bool = True) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema of inputs; `any_format` whether one that nobody knows is passed over.

    Raises what jsonschema-rs raises for what is no schema: ValidationError, ReferencingError or ValueError.
    """
    return jsonschema_rs.Draft202012Validator(
        dumps(schema),
        retriever=_refuse_to_fetch,
        pattern_options=_LINEAR,
        validate_formats=True,
        ignore_unknown_formats=any_format,
    )


def format_hint(error: jsonschema_rs.ValidationError) -> str:
    """How a text is written that a schema wants in a format; empty for any other fault."""
    example = FORMATS.get(getattr(error.kind, "format", ""))
    return f"Write it like {example}." if example else ""


def input_defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that nobody has to give. A property's schema may also be `true`, which has no default."""
    properties = schema.get("properties", {})
    return {
        name: part["default"] for name, part in properties.items() if isinstance(part, Mapping) and "default" in part
    }


def unknown_inputs(schema: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The names that the schema does not describe: mistyped, unless it says that there may be others."""
    if "properties" not in schema or any(keyword in schema for keyword in _OPEN):
        return []
    return [name for name in given if name not in schema["properties"]]


def references(schema: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Each keyword that names another schema, or another dialect than `DIALECT`: its JSON Pointer and its text."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from references(item, join(at, index))
    elif isinstance(schema, Mapping):
        for name, value in schema.items():
            # A property may be called "$ref"; its value is a schema then, and no text.
            if isinstance(value, str) and (name in _REFERENCES or (name == "$schema" and value != DIALECT)):
                yield join(at, name), value
            yield from references(value, join(at, name))


def _refuse_to_fetch(uri: str) -> NoReturn:
    raise ValueError("a schema of inputs refers to nothing")
