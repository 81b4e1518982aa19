"""What Anthropic's Messages API refuses with a 400, as its documentation says: a scripted provider is no kinder.

Sources: platform.claude.com/docs, "Structured outputs" (JSON Schema limitations, complexity limits), "Prompt caching",
"How to implement tool use", "Extended thinking".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_STRICT, MOST_OPTIONAL, MOST_UNIONS, MOST_MARKS = 20, 24, 16, 4
UNSUPPORTED = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "maxItems",
        "uniqueItems",
        "default",
        "minProperties",
        "maxProperties",
        "patternProperties",
        "not",
        "if",
        "then",
        "else",
        "dependentSchemas",
        "prefixItems",
        "oneOf",
    }
)


def refusal_of(request: Mapping[str, Any]) -> str | None:
    """Why the API would not take this request, None where it would."""
    return next(_refusals(request), None)


def _refusals(request: Mapping[str, Any]) -> Iterator[str]:
    marks = [part for part in _objects(dict(request)) if "cache_control" in part]
    if len(marks) > MOST_MARKS:
        yield f"A maximum of {MOST_MARKS} blocks with cache_control may be provided."
    yield from ("thinking blocks cannot have cache_control" for mark in marks if "thinking" in str(mark.get("type")))
    yield from _of_tools([tool for tool in request.get("tools", ()) if tool.get("strict")])
    yield from _of_messages(request["messages"])


def _of_tools(strict: list[Mapping[str, Any]]) -> Iterator[str]:
    if len(strict) > MOST_STRICT:
        yield "Too many strict tools."
    parts = [part for tool in strict for part in _schemas(tool["input_schema"])]
    for part in parts:
        if UNSUPPORTED & set(part):
            yield f"For '{part.get('type')}' type, properties {sorted(UNSUPPORTED & set(part))} are not supported."
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            yield "For 'object' type, 'additionalProperties' must be explicitly set to false."
        if part.get("minItems", 0) > 1:
            yield "For 'array' type, 'minItems' values other than 0 or 1 are not supported."
    if sum(len(part.get("properties", ())) - len(part.get("required", ())) for part in parts) > MOST_OPTIONAL:
        yield "Schemas contain too many optional parameters."
    if sum("anyOf" in part or isinstance(part.get("type"), list) for part in parts) > MOST_UNIONS:
        yield "Schemas contain too many parameters with union types."


def _of_messages(messages: list[Mapping[str, Any]]) -> Iterator[str]:
    if not messages or messages[0]["role"] != "user":
        yield "messages: first message must use the user role"
    for before, after in zip(messages, [*messages[1:], None], strict=True):
        blocks = _blocks(before)
        if not blocks or any(block["type"] == "text" and not block["text"].strip() for block in blocks):
            yield "messages: text content blocks must be non-empty"
        uses = {block["id"] for block in blocks if block["type"] == "tool_use"}
        following = _blocks(after) if after else []
        results = {block["tool_use_id"] for block in following if block["type"] == "tool_result"}
        if uses - results:
            yield "tool_use ids were found without tool_result blocks immediately after"
        if results - uses:
            yield "unexpected tool_use_id found in tool_result blocks"


def _blocks(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _schemas(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and those in it, names of members apart."""
    if isinstance(schema, Mapping):
        yield schema
        for key in ("properties", "$defs"):
            for part in schema.get(key, {}).values():
                yield from _schemas(part)
        for part in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("allOf", ())):
            yield from _schemas(part)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)
