"""One request to the provider over all its attempts: cut answers, pauses, refusals and broken connections."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
from anthropic import Anthropic, AnthropicError, BadRequestError
from anthropic.types import Message

from decommerce.intelligence.bounded_stream import bounded_by
from decommerce.intelligence.constrained import constrained
from decommerce.intelligence.deadline import Deadline
from decommerce.intelligence.errors import (
    ModelAnswerCut,
    ModelError,
    ModelRefused,
    ModelRequestRefused,
    ModelWindowFull,
)
from decommerce.intelligence.port import ModelRequest, Usage
from decommerce.intelligence.prompt import content_of, system_of
from decommerce.intelligence.provider_faults import REQUEST_REFUSED, fault_of, is_cut, is_transient, wait_of, was_sent
from decommerce.operations.metrics import MODEL_CALLS, MODEL_TOKENS

EFFORT = "low"
CONNECT_SECONDS = 5.0
# A stream says something every few seconds, be it a ping.
SILENCE_SECONDS = 25.0
MAX_TOKENS = 32_000
# How much longer an answer may be that did not end.
ROOM = 4
MOST_TURNS = 4

ENDED = frozenset({"end_turn", "stop_sequence"})
REFUSALS: Mapping[str, tuple[type[ModelError], str, str]] = {
    "refusal": (
        ModelRefused,
        "The AI model declined to answer.",
        "Look at what the step was given, or word it otherwise.",
    ),
    "model_context_window_exceeded": (
        ModelWindowFull,
        "The input is more than the AI model reads at once.",
        "Give it fewer rows or shorter texts.",
    ),
}


class Exchange:
    """What is said to the model about one request. `usage` adds up over everything that was asked."""

    def __init__(
        self, client: Anthropic, model: str, request: ModelRequest, deadline: Deadline, pauses: Sequence[float]
    ) -> None:
        self.usage = Usage()
        self._client = client
        self._model = model
        self._system = system_of(request)
        self._messages: list[dict[str, Any]] = [{"role": "user", "content": content_of(request)}]
        self._form = None if request.schema is None else constrained(request.schema)
        self._tokens = request.max_tokens
        self._deadline = deadline
        self._pauses = pauses

    def ask(self) -> str:
        """The text of a complete answer; raises the errors of `intelligence.errors`."""
        messages, said, enlarged = list(self._messages), "", False
        for _ in range(MOST_TURNS):
            message = self._sent(messages)
            said += _text(message)
            stop = message.stop_reason or ""
            if stop in ENDED:
                return said
            if stop in REFUSALS:
                kind, why, hint = REFUSALS[stop]
                raise kind(why, hint=hint)
            if stop == "pause_turn":
                messages.append({"role": "assistant", "content": message.to_dict(mode="json")["content"]})
            elif enlarged:
                break
            else:
                messages, said, enlarged = list(self._messages), "", True
                self._tokens = min(self._tokens * ROOM, MAX_TOKENS)
        raise ModelAnswerCut("The AI model's answer did not end.", hint="Ask for less at a time.")

    def ask_again(self, said: str, why: str) -> str:
        """The text of a second answer, with the first one and what is wrong with it before the model's eyes."""
        self._messages += [
            {"role": "assistant", "content": [{"type": "text", "text": said.strip() or "(nothing)"}]},
            {"role": "user", "content": [{"type": "text", "text": why}]},
        ]
        return self.ask()

    def _sent(self, messages: Sequence[dict[str, Any]]) -> Message:
        """One answer; a provider that is overloaded or cut off is asked again while there is time."""
        pauses = iter(self._pauses)
        while True:
            try:
                return self._streamed(messages)
            except (AnthropicError, httpx2.HTTPError, ValueError) as error:
                MODEL_CALLS.labels("failed").inc()
                if isinstance(error, BadRequestError) and self._form is not None:
                    # Not every schema can be held to: then the answer is checked when it is here.
                    self._form = None
                    continue
                pause = next(pauses, None) if is_transient(error) or is_cut(error) else None
                if pause is None or pause >= self._deadline.remaining():
                    raise _error_of(error) from error
                time.sleep(pause)

    def _streamed(self, messages: Sequence[dict[str, Any]]) -> Message:
        """Streamed, so that a long answer is no silence."""
        form = {} if self._form is None else {"format": {"type": "json_schema", "schema": self._form}}
        request: dict[str, Any] = {
            "model": self._model,
            "max_tokens": self._tokens,
            "system": self._system,
            "messages": messages,
            "thinking": {"type": "adaptive"},
            "output_config": {"effort": EFFORT, **form},
            "timeout": httpx2.Timeout(min(SILENCE_SECONDS, self._deadline.remaining()), connect=CONNECT_SECONDS),
        }
        with bounded_by(self._deadline), self._client.messages.stream(**request) as stream:
            message = stream.get_final_message()
        used = _usage(message)
        self.usage += used
        MODEL_CALLS.labels("answered").inc()
        MODEL_TOKENS.labels("input").inc(used.tokens_in)
        MODEL_TOKENS.labels("output").inc(used.tokens_out)
        if message.stop_reason is None:
            raise httpx2.RemoteProtocolError("the stream ended before the answer did")
        return message


def _text(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def _usage(message: Message) -> Usage:
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    return Usage(usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0), usage.output_tokens, cached)


def _error_of(error: Exception) -> ModelError:
    fault = fault_of(error)
    kind = ModelRequestRefused if fault is REQUEST_REFUSED else ModelError
    return kind(
        fault.message,
        code=fault.code,
        hint=fault.hint,
        retryable=fault.retryable,
        sent=was_sent(error),
        retry_after=wait_of(error),
    )
