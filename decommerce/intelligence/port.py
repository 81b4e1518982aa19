"""What a step asks of a model and what a model may answer (ACT-04, ACT-06, ACT-10).

A model sees one request and has no tools, no memory and no access to anything. Its answer is as untrusted as any
member's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Task(StrEnum):
    """What is asked."""

    ANALYZE = "analyze"
    GENERATE = "generate"
    EXTRACT = "extract"
    SEE = "see"


class Analysis(StrEnum):
    """What an analysis looks at. CUSTOM is whatever the instructions say."""

    QUALITY = "quality"
    SENTIMENT = "sentiment"
    TOPICS = "topics"
    TOXICITY = "toxicity"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Material:
    """A piece of what the work is about: any JSON value. It is data, whatever it says."""

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Image:
    """A picture to look at: its bytes and what they are, such as `image/png`."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One request.

    `instructions` are the words of the app's author. `schema` is the JSON Schema of the object that is wanted; without
    one the answer is text. `max_tokens` bounds one answer, `max_characters` the length that is asked for.
    """

    task: Task
    instructions: str = ""
    material: tuple[Material, ...] = ()
    schema: Mapping[str, Any] | None = None
    image: Image | None = None
    analysis: Analysis = Analysis.CUSTOM
    tone: str = ""
    language: str = ""
    max_characters: int | None = None
    max_tokens: int = 4_096


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `cached` are those of `tokens_in` that the provider had kept."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0

    def as_counts(self) -> dict[str, int]:
        """What is counted with a run."""
        return {"ai_tokens_in": self.tokens_in, "ai_tokens_out": self.tokens_out}

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.cached + other.cached)


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The answer: `value` is an object that fits the schema, `text` what was written where there was none.

    `offline` says that no model wrote it; `repaired` that the first answer did not fit and the second did.
    """

    model: str
    text: str = ""
    value: Mapping[str, Any] | None = None
    usage: Usage = field(default_factory=Usage)
    offline: bool = False
    repaired: bool = False


class Model(Protocol):
    """Answers one request after the other; raises the errors of `intelligence.errors`."""

    name: str
    offline: bool

    def answer(self, request: ModelRequest) -> ModelAnswer: ...
