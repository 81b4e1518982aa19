"""What the chat asks of a model, and what a model may answer.

A model sees a transcript and the tools, and streams events. It has no access to the database, runs no tool and decides
nothing: the turn does (see `chat.turns`). Every answer is as untrusted as any member's text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it; `schema` is the JSON Schema of its arguments. `changes` means: a person confirms."""

    name: str
    description: str
    schema: Mapping[str, Any]
    changes: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What the person wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of a call: a JSON value; `refused` where it failed or the person said no."""

    value: Any
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model answered. `blocks` is in the model's own protocol; `results` is by the id of the call."""

    text: str
    blocks: Sequence[Mapping[str, Any]]
    results: Mapping[str, CallResult] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation so far, oldest first, and where it takes place."""

    entries: tuple[Said | Answered, ...]
    tenant: str
    timezone: str
    person: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a tool called; `id` is unique within its answer."""

    id: str
    name: str
    arguments: Mapping[str, Any]


class Stop(StrEnum):
    """Why an answer ended."""

    END = "end"
    TOOLS = "tools"
    CONTINUE = "continue"
    REFUSED = "refused"
    CUT = "cut"
    WINDOW_FULL = "window_full"


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete. `usage` counts tokens; `suggestions` are replies the person may give with one press."""

    stop: Stop
    blocks: Sequence[Mapping[str, Any]] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    suggestions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, or only half of one. Says what the person can do."""

    code: str
    message: str
    hint: str
    retryable: bool = False


Event = TextDelta | ToolCall | Done | Failed


class Model(Protocol):
    """`name` is what is stored beside its answers; `connected` is False where no AI model answers."""

    name: str
    connected: bool

    def stream(self, transcript: Transcript, tools: Sequence[ToolSpec]) -> AsyncIterator[Event]:
        """Any number of texts and calls, then exactly one Done or Failed."""
        ...
