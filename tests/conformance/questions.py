"""Fixture tools that ask the client something in the middle of a call, as sessions of the older era do."""

from __future__ import annotations

from typing import Any

from mcp.types import CallToolResult, SamplingMessage

from mcp_gateway.offers import ToolCall
from tests.conformance.contents import said, text, tool


async def _sample(call: ToolCall) -> CallToolResult:
    prompt = (call.params.arguments or {}).get("prompt", "")
    result = await call.context.session.create_message(
        [SamplingMessage(role="user", content=text(prompt))], max_tokens=100, related_request_id=call.context.request_id
    )
    return said(f"LLM response: {getattr(result.content, 'text', '')}")


def _asks(schema: dict[str, Any], wording: str, message: str = "") -> Any:
    async def answer(call: ToolCall) -> CallToolResult:
        asked = message or (call.params.arguments or {}).get("message", "")
        result = await call.context.session.elicit_form(asked, schema, related_request_id=call.context.request_id)
        return said(f"{wording}: action={result.action}, content={result.content}")

    return answer


def _fields(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


PERSON = {
    **_fields(username={"type": "string", "description": "User's response"}, email={"type": "string"}),
    "required": ["username", "email"],
}
DEFAULTS = _fields(
    name={"type": "string", "default": "John Doe"},
    age={"type": "integer", "default": 30},
    score={"type": "number", "default": 95.5},
    status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    verified={"type": "boolean", "default": True},
)
OPTIONS = ["option1", "option2", "option3"]
TITLED = [{"const": f"value{number}", "title": f"Option {number}"} for number in (1, 2, 3)]
ENUMS = _fields(
    untitledSingle={"type": "string", "enum": OPTIONS},
    titledSingle={"type": "string", "oneOf": TITLED},
    legacyEnum={"type": "string", "enum": OPTIONS, "enumNames": ["One", "Two", "Three"]},
    untitledMulti={"type": "array", "items": {"type": "string", "enum": OPTIONS}},
    titledMulti={"type": "array", "items": {"anyOf": TITLED}},
)
COMPLETED = "Elicitation completed"
TOOLS = (
    tool("test_sampling", _sample, {**_fields(prompt={"type": "string"}), "required": ["prompt"]}),
    tool(
        "test_elicitation",
        _asks(PERSON, "User response"),
        {**_fields(message={"type": "string"}), "required": ["message"]},
    ),
    tool("test_elicitation_sep1034_defaults", _asks(DEFAULTS, COMPLETED, "Please review the values")),
    tool("test_elicitation_sep1330_enums", _asks(ENUMS, COMPLETED, "Please choose")),
)
