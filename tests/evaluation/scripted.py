"""The offline composer behind the provider's wire format: what a connected model's way loses or changes shows here.

Between requests a provider keeps nothing. Where a conversation stands, the composer leaves in its answer; on the wire
that is the signature of a thinking block, which every client has to send back as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from apps_engine.language import jsontext
from chat.composer.offline_composer import OfflineComposer
from chat.model.anthropic_model import AnthropicModel
from chat.model.asking import ASK
from chat.model.port import Answered, CallResult, Done, Model, Said, Stop, TextDelta, ToolCall, ToolSpec, Transcript
from decommerce.tenancy.principal import Principal
from tests.anthropic_server import Answer, Text, Thinking, Use, anthropic_server


@contextmanager
def scripted_model(principal: Principal) -> Iterator[Model]:
    """A model that is connected by the real library to a provider that speaks for the composer."""
    with anthropic_server() as server:
        server.author = _Author(principal)
        yield AnthropicModel(api_key="sk-ant-scripted", base_url=server.url, model="scripted", pauses_seconds=())


class _Author:
    def __init__(self, principal: Principal) -> None:
        self._composer = OfflineComposer(principal)

    async def __call__(self, request: dict[str, Any]) -> Answer:
        tools = [ToolSpec(tool["name"], "", {}, changes=False) for tool in request["tools"]]
        texts, calls, done = [], [], Done(Stop.END)
        async for event in self._composer.stream(_transcript(request["messages"]), tools):
            if isinstance(event, TextDelta):
                texts.append(event.text)
            elif isinstance(event, ToolCall):
                calls.append(event)
            elif isinstance(event, Done):
                done = event
        asks = bool(done.suggestions) and not calls and any(tool.name == ASK for tool in tools)
        return _answer(texts, calls, done, asks=asks, number=len(request["messages"]))


def _answer(texts: list[str], calls: list[ToolCall], done: Done, *, asks: bool, number: int) -> Answer:
    left = Thinking("Let me see.", jsontext.dumps(list(done.blocks)))
    if asks:
        question = {"question": "".join(texts), "options": list(done.suggestions)}
        return Answer((left, Use(ASK, question, f"ask_{number}")), "tool_use")
    uses = [Use(call.name, json.loads(jsontext.dumps(dict(call.arguments))), call.id) for call in calls]
    said = [Text(tuple(texts))] if "".join(texts).strip() else []
    return Answer((left, *said, *uses), "tool_use" if uses else "end_turn")


def _transcript(messages: list[Mapping[str, Any]]) -> Transcript:
    entries: list[Said | Answered] = []
    for message in messages:
        blocks = message["content"]
        if message["role"] == "assistant":
            left = next((block["signature"] for block in blocks if block["type"] == "thinking"), "[]")
            entries.append(Answered("", jsontext.loads(left)))
            continue
        results = {block["tool_use_id"]: block for block in blocks if block["type"] == "tool_result"}
        if results and isinstance(entries[-1], Answered):
            entries[-1] = Answered("", entries[-1].blocks, {name: _result(block) for name, block in results.items()})
        entries += [Said(block["text"]) for block in blocks if block["type"] == "text"]
    return Transcript(tuple(entries), "Acme", "UTC", "Ada")


def _result(block: Mapping[str, Any]) -> CallResult:
    return CallResult(jsontext.loads(block["content"]), block["is_error"])
