"""Fixture tools that answer with each kind of content, as the conformance suite asks for them."""

from __future__ import annotations

import base64
from typing import Any

import anyio
from mcp.types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
    Tool,
)

from mcp_gateway.offers import OfferedTool, ToolCall

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
_FORMAT = b"\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00"
WAV = base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + _FORMAT + b"data\x00\x00\x00\x00").decode()
IMAGE = ImageContent(type="image", data=PNG, mime_type="image/png")
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}


def text(words: str) -> TextContent:
    """Words as content."""
    return TextContent(type="text", text=words)


def said(*words: str) -> CallToolResult:
    """An answer of words."""
    return CallToolResult(content=[text(word) for word in words])


def resource(uri: str, mime_type: str, words: str) -> EmbeddedResource:
    """A document inside an answer."""
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=mime_type, text=words))


def tool(name: str, answer: Any, schema: dict[str, Any] | None = None) -> OfferedTool:
    """A fixture tool."""
    return OfferedTool(Tool(name=name, description=f"Fixture {name}.", input_schema=schema or NOTHING), answer)


def _always(*content: ContentBlock, is_error: bool = False) -> Any:
    async def answer(_: ToolCall) -> CallToolResult:
        return CallToolResult(content=list(content), is_error=is_error)

    return answer


async def _with_progress(call: ToolCall) -> CallToolResult:
    for progress in (0, 50, 100):
        await call.context.session.report_progress(progress, 100)
        await anyio.sleep(0.05)
    return said("Done.")


async def _with_logging(call: ToolCall) -> CallToolResult:
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await call.context.session.send_log_message("info", line, related_request_id=call.context.request_id)
        await anyio.sleep(0.05)
    return said("Done.")


DIALECT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
HEADERS = {
    "type": "object",
    "properties": {
        "region": {"type": "string", "description": "Mirrored in a header.", "x-mcp-header": "Region"},
        "query": {"type": "string"},
    },
    "required": ["region"],
}
TOOLS = (
    tool("test_simple_text", _always(text("This is a simple text response for testing."))),
    tool("test_image_content", _always(IMAGE)),
    tool("test_audio_content", _always(AudioContent(type="audio", data=WAV, mime_type="audio/wav"))),
    tool(
        "test_embedded_resource",
        _always(resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
    ),
    tool(
        "test_multiple_content_types",
        _always(
            text("Multiple content types test:"),
            IMAGE,
            resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
        ),
    ),
    tool("test_error_handling", _always(text("This tool intentionally returns an error for testing"), is_error=True)),
    tool("test_tool_with_progress", _with_progress),
    tool("test_tool_with_logging", _with_logging),
    tool("test_logging_tool", _with_logging),
    tool("json_schema_2020_12_tool", _always(text("ok")), DIALECT),
    tool("test_custom_headers", _always(text("ok")), HEADERS),
)
