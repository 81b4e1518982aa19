"""The JSON Schema of parameters and payloads, in short."""

from __future__ import annotations

from typing import Any


def schema(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TEXT = {"type": "string", "minLength": 1}
NUMBER = {"type": "integer"}
