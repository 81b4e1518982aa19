"""The JSON Schema of what a tool answers over MCP: its result, and what was cut to bound it."""

from __future__ import annotations

from typing import Any

from apps_engine.api import shapes
from mcp_gateway.tools import Tool

CUT = shapes.list_of(
    {
        **shapes.shape(
            {
                "path": shapes.TEXT,
                "what": {"type": "string", "enum": ["characters", "items", "members"]},
                "kept": shapes.INTEGER,
                "length": shapes.INTEGER,
            }
        ),
        "description": "What is missing here because the answer would be too long.",
    }
)


def declared_output(tool: Tool) -> dict[str, Any]:
    """The schema of every answer that is no error."""
    schema = tool.output
    return {**schema, "properties": {**schema.get("properties", {}), "cut": CUT}}
