"""A transcript and tools in the shape of Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps_engine.language import jsontext
from chat.model.port import Answered, CallResult, Said, ToolSpec, Transcript

# What may be sent back as it came. Another model's record (the offline composer's drafts) has blocks of its own.
KNOWN_BLOCKS = frozenset({"text", "tool_use", "thinking", "redacted_thinking"})
NO_RESULT = CallResult({"code": "not_run", "message": "This call was not run."}, refused=True)
CACHED = {"type": "ephemeral"}


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
    if messages:
        # The next turn begins with everything up to here: let the provider keep it.
        messages[-1]["content"][-1] = {**messages[-1]["content"][-1], "cache_control": CACHED}
    return messages


def tools_of(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """The tools; strict where the schema is closed, so that names and arguments can only be what it allows."""
    declared = [
        {
            "name": tool.name,
            "description": tool.description,
            "input_schema": dict(tool.schema),
            **({"strict": True} if is_closed(tool.schema) else {}),
        }
        for tool in tools
    ]
    if declared:
        declared[-1]["cache_control"] = CACHED
    return declared


def is_closed(schema: Any) -> bool:
    """Whether every object that the JSON Schema describes names all its members."""
    if isinstance(schema, Mapping):
        admits_object = schema.get("type") == "object" or "object" in _types(schema) or not _says_what(schema)
        if admits_object and schema.get("additionalProperties") is not False:
            return False
        named = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
        parts = [schema["items"]] if "items" in schema else []
        return all(is_closed(part) for part in (*named, *parts, *schema.get("anyOf", ()), *schema.get("allOf", ())))
    return schema is not True


def _types(schema: Mapping[str, Any]) -> Sequence[str]:
    kind = schema.get("type", ())
    return [kind] if isinstance(kind, str) else kind


def _says_what(schema: Mapping[str, Any]) -> bool:
    return any(key in schema for key in ("type", "enum", "const", "$ref", "anyOf", "allOf"))


def _blocks_of(answer: Answered) -> list[dict[str, Any]]:
    if answer.blocks and all(block.get("type") in KNOWN_BLOCKS for block in answer.blocks):
        return [dict(block) for block in answer.blocks]
    return [{"type": "text", "text": answer.text}] if answer.text.strip() else []


def _calls(blocks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [block for block in blocks if block["type"] == "tool_use"]


def _result_block(call: Mapping[str, Any], results: Mapping[str, CallResult]) -> dict[str, Any]:
    result = results.get(call["id"], NO_RESULT)
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
