"""A scripted model provider that speaks the real wire format of Anthropic's Messages API.

The real SDK talks to it over a socket. Each request takes the next answer of the script; what was asked is kept.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.anthropic_rules import refusal_of

START_SECONDS = 20


@dataclass(frozen=True)
class Text:
    """A text block, streamed in these pieces."""

    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Thinking:
    """A thinking block with its signature."""

    text: str
    signature: str = "sig=="


@dataclass(frozen=True)
class Use:
    """A tool_use block; `cut` leaves its JSON half written."""

    name: str
    arguments: dict[str, Any]
    id: str = "toolu_1"
    cut: bool = False


@dataclass(frozen=True)
class Fault:
    """An `error` event in the middle of the stream."""

    type: str


@dataclass(frozen=True)
class HangUp:
    """The connection breaks."""


@dataclass(frozen=True)
class Stop:
    """The stream ends here, in good order but before the answer did."""


@dataclass(frozen=True)
class Hold:
    """Nothing more is sent until the test says so."""

    until: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Pings:
    """Nothing but signs of life until the test says so."""

    until: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Refusal:
    """An HTTP error instead of a stream."""

    status: int
    type: str
    retry_after: str = ""


@dataclass(frozen=True)
class Answer:
    """What is streamed, and why it stops."""

    parts: tuple[Text | Thinking | Use | Fault | HangUp | Stop | Hold | Pings, ...]
    stop: str = "end_turn"


class AnthropicServer:
    """The script, and what was asked so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.script: deque[Answer | Refusal] = deque()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        # Answers what the script does not.
        self.author: Callable[[dict[str, Any]], Awaitable[Answer]] | None = None

    def will(self, *answers: Answer | Refusal) -> None:
        """Answer the next requests like this."""
        self.script.extend(answers)

    async def messages(self, request: Request) -> Response:
        """POST /v1/messages."""
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        refusal = refusal_of(self.requests[-1])
        if refusal is not None:
            return _error(400, "invalid_request_error", message=refusal)
        if not self.script and self.author is not None:
            self.script.append(await self.author(self.requests[-1]))
        if not self.script:
            return _error(500, "api_error")
        answer = self.script.popleft()
        if isinstance(answer, Refusal):
            return _error(answer.status, answer.type, answer.retry_after)
        return StreamingResponse(_stream(answer, self.requests[-1]["model"]), media_type="text/event-stream")


@contextmanager
def anthropic_server() -> Iterator[AnthropicServer]:
    """A server that answers, stopped at the end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        server = AnthropicServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = Starlette(routes=[Route("/v1/messages", server.messages, methods=["POST"])])
        runner = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not runner.started:
            assert time.monotonic() < deadline, "the scripted provider did not start"
            time.sleep(0.01)
        yield server
        runner.should_exit = True
        thread.join(timeout=START_SECONDS)


def _error(status: int, kind: str, retry_after: str = "", message: str = "scripted") -> JSONResponse:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return JSONResponse(body, status, {"Retry-After": retry_after} if retry_after else None)


def _event(data: dict[str, Any]) -> str:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n"


async def _stream(answer: Answer, model: str) -> AsyncIterator[str]:
    usage = {"input_tokens": 12, "output_tokens": 1, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 30}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    yield _event({"type": "message_start", "message": message})
    yield _event({"type": "ping"})
    index = 0
    for part in answer.parts:
        if isinstance(part, HangUp):
            raise ConnectionResetError
        if isinstance(part, Stop):
            return
        if isinstance(part, Fault):
            yield _event({"type": "error", "error": {"type": part.type, "message": "scripted"}})
            return
        if isinstance(part, Hold | Pings):
            async for event in _waiting(part):
                yield event
            continue
        for event in BLOCKS[type(part)](part, index):
            yield _event(event)
        index += 1
    delta = {"stop_reason": answer.stop, "stop_sequence": None}
    yield _event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 25}})
    yield _event({"type": "message_stop"})


async def _waiting(part: Hold | Pings) -> AsyncIterator[str]:
    while not part.until.is_set():
        if isinstance(part, Pings):
            yield _event({"type": "ping"})
        await asyncio.sleep(0.01)


def _text(part: Text, index: int) -> Iterator[dict[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
    for piece in part.pieces:
        yield {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": piece}}
    yield {"type": "content_block_stop", "index": index}


def _thinking(part: Thinking, index: int) -> Iterator[dict[str, Any]]:
    block = {"type": "thinking", "thinking": "", "signature": ""}
    yield {"type": "content_block_start", "index": index, "content_block": block}
    for delta in (
        {"type": "thinking_delta", "thinking": part.text},
        {"type": "signature_delta", "signature": part.signature},
    ):
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _use(part: Use, index: int) -> Iterator[dict[str, Any]]:
    block = {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}
    yield {"type": "content_block_start", "index": index, "content_block": block}
    written = json.dumps(part.arguments)
    written = written[: len(written) // 2] if part.cut else written
    for start in range(0, len(written), 40):
        delta = {"type": "input_json_delta", "partial_json": written[start : start + 40]}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


BLOCKS = {Text: _text, Thinking: _thinking, Use: _use}
