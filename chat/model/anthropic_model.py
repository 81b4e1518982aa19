"""Claude, through Anthropic's own SDK."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx2
from anthropic import AnthropicError, AsyncAnthropic, BadRequestError
from anthropic.types import Message

from chat.model.anthropic_errors import failure_of, is_transient
from chat.model.anthropic_messages import messages_of
from chat.model.anthropic_tools import CACHED, tools_of
from chat.model.asking import ASK, question_in, with_questions
from chat.model.guidance import guidance, situation
from chat.model.port import Done, Event, Stop, TextDelta, ToolCall, ToolSpec, Transcript
from chat.text import storable_json

logger = logging.getLogger(__name__)

MAX_TOKENS = 16_000
EFFORT = "medium"
TIMEOUT_SECONDS = 120.0
# Between attempts when the provider is overloaded before its first word.
PAUSES_SECONDS = (0.5, 2.0)

STOPS: Mapping[str, Stop] = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.END,
    "tool_use": Stop.TOOLS,
    "pause_turn": Stop.CONTINUE,
    "refusal": Stop.REFUSED,
    "max_tokens": Stop.CUT,
    "model_context_window_exceeded": Stop.WINDOW_FULL,
}

# Models that answered only once no tool was strict, so that each is asked in vain once in a process.
_UNHELD: set[str] = set()


class AnthropicModel:
    """Streams answers of one model. The key stays here: no event, log line or record carries it."""

    connected = True

    def __init__(
        self, *, api_key: str, base_url: str, model: str, pauses_seconds: Sequence[float] = PAUSES_SECONDS
    ) -> None:
        self.name = model
        self._api_key = api_key
        self._base_url = base_url or None
        self._pauses = pauses_seconds

    async def stream(self, transcript: Transcript, tools: Sequence[ToolSpec]) -> AsyncIterator[Event]:
        """The answer; a provider that fails before its first word is asked again, never after it."""
        strict = self.name not in _UNHELD
        pauses = iter((*self._pauses, None))
        async with AsyncAnthropic(api_key=self._api_key, base_url=self._base_url, timeout=TIMEOUT_SECONDS) as client:
            while True:
                failure, began = None, False
                try:
                    async for event in _answer(client, self._request(transcript, tools, strict=strict)):
                        began = True
                        yield event
                except (AnthropicError, httpx2.HTTPError, ValueError) as error:
                    failure = error
                if failure is None:
                    if not strict:
                        _UNHELD.add(self.name)
                    return
                if isinstance(failure, BadRequestError) and strict and not began:
                    # Each model has a bound of its own of what it can be held to, and tells it in no other way.
                    strict = False
                    continue
                pause = next(pauses)
                if began or pause is None or not is_transient(failure):
                    logger.warning("the model %s failed: %s", self.name, type(failure).__name__)
                    yield failure_of(failure)
                    return
                await asyncio.sleep(pause)

    def _request(self, transcript: Transcript, tools: Sequence[ToolSpec], *, strict: bool) -> dict[str, Any]:
        return {
            "model": self.name,
            "max_tokens": MAX_TOKENS,
            "system": [
                {"type": "text", "text": guidance(), "cache_control": CACHED},
                {"type": "text", "text": situation(transcript)},
            ],
            "tools": tools_of(with_questions(tools, transcript), strict=strict),
            "messages": messages_of(transcript),
            "thinking": {"type": "adaptive"},
            "output_config": {"effort": EFFORT},
        }


async def _answer(client: AsyncAnthropic, request: Mapping[str, Any]) -> AsyncIterator[Event]:
    async with client.messages.stream(**request) as stream:
        async for event in stream:
            if event.type == "text":
                yield TextDelta(event.text)
        message = await stream.get_final_message()
    stop = STOPS.get(message.stop_reason or "", Stop.END)
    uses = [block for block in message.content if block.type == "tool_use"] if stop is Stop.TOOLS else []
    questions = [question for block in uses if block.name == ASK and (question := question_in(block.input))]
    for question in questions:
        yield TextDelta(f"\n\n{question.text}")
    calls = [block for block in uses if block.name != ASK]
    for block in calls:
        yield ToolCall(block.id, block.name, storable_json(block.input))
    replies = storable_json(list(questions[-1].replies)) if questions else ()
    # A question is answered by the person, so the turn ends with it.
    yield Done(stop if calls or not uses else Stop.END, _blocks(message, stop), _usage(message), replies)


def _blocks(message: Message, stop: Stop) -> list[dict[str, Any]]:
    """The answer for replay. A call that was cut off is left out: its arguments are half of what was meant."""
    blocks = [storable_json(block.to_dict(mode="json")) for block in message.content]
    if stop is Stop.TOOLS or stop is Stop.CONTINUE:
        return blocks
    return [block for block in blocks if block["type"] != "tool_use"]


def _usage(message: Message) -> dict[str, int]:
    usage = message.usage
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_input_tokens or 0,
        "cache_write_tokens": usage.cache_creation_input_tokens or 0,
    }
