"""A model's questions with replies to press: a tool of the chat itself, which only shows what it is called with.

The answer is what the person says next, whether they press a reply or write something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.model.port import Answered, CallResult, ToolSpec, Transcript

ASK = "ask_person"
MOST_QUESTIONS = 5
MOST_OPTIONS, LONGEST_OPTION, LONGEST_QUESTION = 4, 80, 2_000
SKIP = "Whatever is usual."
TOOL = ToolSpec(
    ASK,
    "Ask the person one short question, with two to four replies, the usual one first. It may be skipped. "
    f"At most {MOST_QUESTIONS} in a conversation.",
    {
        "type": "object",
        "properties": {
            "question": {"type": "string", "description": "One sentence."},
            "options": {"type": "array", "items": {"type": "string"}, "description": "Two to four, a few words each."},
        },
        "required": ["question", "options"],
        "additionalProperties": False,
    },
    changes=True,
)
# What a model is told where the answer follows as the person's next words.
ANSWERED_NEXT = CallResult({"answer": "The person's next words."})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the replies to press."""

    text: str
    replies: Sequence[str]


def question_in(arguments: Any) -> Question | None:
    """The question of a call, None where it is none; whatever is too long is cut."""
    if not isinstance(arguments, Mapping) or not isinstance(arguments.get("question"), str):
        return None
    options = arguments.get("options")
    texts = [text for text in options if isinstance(text, str)] if isinstance(options, list) else []
    replies = [" ".join(text.split())[:LONGEST_OPTION] for text in texts[:MOST_OPTIONS]]
    return Question(arguments["question"][:LONGEST_QUESTION], [*filter(None, replies), SKIP])


def with_questions(tools: Sequence[ToolSpec], transcript: Transcript) -> Sequence[ToolSpec]:
    """The tools, and the question while there are some left."""
    return [*tools, TOOL] if sum(_asked(transcript)) < MOST_QUESTIONS else tools


def _asked(transcript: Transcript) -> Iterable[bool]:
    answers = (entry for entry in transcript.entries if isinstance(entry, Answered))
    return (block.get("name") == ASK for answer in answers for block in answer.blocks)
