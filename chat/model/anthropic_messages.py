"""A transcript in the shape of Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps_engine.language import jsontext
from chat.model.anthropic_tools import CACHED
from chat.model.asking import ANSWERED_NEXT, ASK
from chat.model.port import Answered, CallResult, Said, Transcript

# What may be sent back as it came. Another model's record (the offline composer's drafts) has blocks of its own.
KNOWN_BLOCKS = frozenset({"text", "tool_use", "thinking", "redacted_thinking"})
# Of the four marks that a request may have, two are the tools' and the guidance's.
KEPT_TURNS = 2
NO_RESULT = CallResult({"code": "not_run", "message": "This call was not run."}, refused=True)


def messages_of(transcript: Transcript) -> list[dict[str, Any]]:
    """The conversation, roles alternating: results of calls stand in the person's turn that follows the answer."""
    messages: list[dict[str, Any]] = []
    for entry in transcript.entries:
        if isinstance(entry, Said):
            _add(messages, "user", [{"type": "text", "text": entry.text}])
            continue
        blocks = _blocks_of(entry)
        _add(messages, "assistant", blocks)
        _add(messages, "user", [_result_block(block, entry.results) for block in _calls(blocks)])
    # The next request begins with everything up to here: let the provider keep it. What it kept before is found from
    # the mark before, however many calls lie between. Marks stand in the person's turns: thinking takes none.
    for message in [message for message in messages if message["role"] == "user"][-KEPT_TURNS:]:
        message["content"][-1] = {**message["content"][-1], "cache_control": CACHED}
    return messages


def _blocks_of(answer: Answered) -> list[dict[str, Any]]:
    if answer.blocks and all(block.get("type") in KNOWN_BLOCKS for block in answer.blocks):
        return [dict(block) for block in answer.blocks]
    return [{"type": "text", "text": answer.text}] if answer.text.strip() else []


def _calls(blocks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [block for block in blocks if block["type"] == "tool_use"]


def _result_block(call: Mapping[str, Any], results: Mapping[str, CallResult]) -> dict[str, Any]:
    result = results.get(call["id"], ANSWERED_NEXT if call["name"] == ASK else NO_RESULT)
    return {
        "type": "tool_result",
        "tool_use_id": call["id"],
        "content": jsontext.dumps(result.value),
        "is_error": result.refused,
    }


def _add(messages: list[dict[str, Any]], role: str, content: list[dict[str, Any]]) -> None:
    if not content:
        return
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"].extend(content)
    else:
        messages.append({"role": role, "content": content})
