"""An answer of the composer before it is streamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat.composer.draft import Draft
from chat.model.port import ToolCall

# The type of the block in which an answer keeps where the conversation stands.
BLOCK = "composer"


@dataclass(frozen=True, slots=True)
class Reply:
    """`question` is the key of the question that is now open; `draft` what is settled so far."""

    text: str
    suggestions: Sequence[str] = ()
    draft: Draft | None = None
    question: str = ""
    calls: Sequence[ToolCall] = ()

    def block(self) -> dict[str, Any]:
        """What the next answer needs to know."""
        return {
            "type": BLOCK,
            "draft": self.draft.model_dump(mode="json") if self.draft else None,
            "question": self.question,
            "calls": [{"id": call.id, "name": call.name} for call in self.calls],
        }
