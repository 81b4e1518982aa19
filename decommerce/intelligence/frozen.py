"""A request as JSON, for the record of what was asked, and back. Pictures are not part of it: a step adds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decommerce.intelligence.port import Analysis, Material, ModelRequest, Task


def frozen(request: ModelRequest) -> dict[str, Any]:
    """The request as JSON: the same for the same request, whatever run or item it belongs to."""
    return {
        "task": request.task.value,
        "instructions": request.instructions,
        "material": [{"label": piece.label, "value": piece.value} for piece in request.material],
        "schema": None if request.schema is None else dict(request.schema),
        "analysis": request.analysis.value,
        "tone": request.tone,
        "language": request.language,
        "max_characters": request.max_characters,
        "max_tokens": request.max_tokens,
    }


def thawed(body: Mapping[str, Any]) -> ModelRequest:
    """The request that was frozen."""
    return ModelRequest(
        task=Task(body["task"]),
        instructions=body["instructions"],
        material=tuple(Material(piece["label"], piece["value"]) for piece in body["material"]),
        schema=body["schema"],
        analysis=Analysis(body["analysis"]),
        tone=body["tone"],
        language=body["language"],
        max_characters=body["max_characters"],
        max_tokens=int(body["max_tokens"]),
    )
