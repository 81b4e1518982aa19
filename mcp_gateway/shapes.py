"""The JSON Schema of what a tool answers over MCP: its result, and what was cut to bound it."""

from __future__ import annotations

from typing import Any

from mcp_gateway.tools import Tool

# In short, since every tool is told it: see `bounds.Cut`.
CUT = {"type": "array", "items": {"type": "object"}, "description": "Parts that were too long, by path."}


def declared_output(tool: Tool) -> dict[str, Any]:
    """The schema of every answer that is no error."""
    schema = tool.output
    return {**schema, "properties": {**schema.get("properties", {}), "cut": CUT}}
