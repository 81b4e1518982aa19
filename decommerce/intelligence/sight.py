"""Looking at a picture, and saying so where nothing could be made out (ACT-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from decommerce.intelligence.port import ModelAnswer
from decommerce.intelligence.sample import empty

MOST_LABELS = 12
# What is answered where the author names no schema.
SEEN: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "description": {"type": "string", "maxLength": 2_000, "description": "What the picture shows"},
        "text": {"type": "string", "maxLength": 10_000, "description": "The text in it, as written; else empty"},
        "labels": {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": MOST_LABELS},
    },
    "required": ["description", "text", "labels"],
    "additionalProperties": False,
}


def sight_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an answer that may also be: not recognised, and why."""
    return {
        "type": "object",
        "properties": {
            "recognised": {
                "type": "boolean",
                "description": "false where the picture cannot be read or does not show what is asked for",
            },
            "reason": {"type": "string", "maxLength": 500, "description": "Why it was not recognised; else empty"},
            "answer": {"anyOf": [dict(schema), {"type": "null"}], "description": "null where not recognised"},
        },
        "required": ["recognised", "reason", "answer"],
        "additionalProperties": False,
    }


def seen(whole: ModelAnswer, schema: Mapping[str, Any]) -> ModelAnswer:
    """The answer as the step's result has it."""
    told = whole.value or {}
    if not told.get("recognised") or told.get("answer") is None:
        return replace(whole, value=_nothing(schema, told.get("reason") or "The picture could not be read."))
    return replace(whole, value={"recognised": True, **told["answer"]})


def unseen(schema: Mapping[str, Any], reason: str, model: str = "") -> ModelAnswer:
    """The answer about a file that could not be looked at; `model` is the one that was asked, if any was."""
    return ModelAnswer(model or "none", value=_nothing(schema, reason), offline=not model)


def _nothing(schema: Mapping[str, Any], reason: str) -> dict[str, Any]:
    nothing: dict[str, Any] = empty(schema)
    if dict(schema) == dict(SEEN):
        nothing["description"] = reason
    return {"recognised": False, **nothing}
