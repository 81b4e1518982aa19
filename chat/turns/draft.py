"""An answer while it arrives."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat.model.port import Done, Failed, ToolCall


@dataclass(slots=True)
class Draft:
    """What arrived so far; `end` says how it ended, None while it has not."""

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    end: Done | Failed | None = None
