"""Asking the person before a change, where the key demands it: by the protocol's elicitation, in either era.

The newer era answers the first call with the question and does the work in a second call, whose sealed state binds
arguments and key; the older asks in the middle of the call. A client that cannot ask its user is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from uuid import uuid4

from mcp.shared.exceptions import MCPError
from mcp.types import (
    CallToolResult,
    ElicitRequest,
    ElicitRequestedSchema,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_gateway.answers import answer
from mcp_gateway.arguments import Arguments
from mcp_gateway.offers import ToolCall
from mcp_gateway.tools.plain import plain, shortened

QUESTION = "confirm"
# Of one argument, and of one sentence on what would be done.
LONGEST_SHOWN = 400
MOST_SENTENCES = 20
PATIENCE_SECONDS = 300.0
SCHEMA: ElicitRequestedSchema = {
    "type": "object",
    "properties": {
        QUESTION: {
            "type": "boolean",
            "title": "Do it",
            "description": "Nothing happens without a yes.",
            "default": False,
        }
    },
    "required": [QUESTION],
}
UNABLE = {
    "code": "confirmation_required",
    "message": "The owner of this key wants each change confirmed by a person, and this client cannot ask one.",
    "hint": "Use a client that supports elicitation, or let an admin do it in the chat.",
    "retryable": False,
}
DECLINED = {
    "code": "not_confirmed",
    "message": "The person did not confirm this. Nothing was changed.",
    "hint": "Ask the person what they want instead.",
    "retryable": False,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to be done, in words for the person."""

    title: str
    arguments: Arguments
    sentences: tuple[str, ...] = ()

    def question(self) -> str:
        """One text; whoever wrote the arguments cannot hide anything in it: what is short comes first, what is long is
        cut and says so, and nothing is left out.
        """
        texts = {name: json.dumps(value, ensure_ascii=False, default=str) for name, value in self.arguments.own.items()}
        arguments = [
            f"{name}: {shortened(text, LONGEST_SHOWN)}"
            for name, text in sorted(texts.items(), key=lambda pair: len(pair[1]))
        ]
        sentences = [shortened(sentence, LONGEST_SHOWN) for sentence in self.sentences[:MOST_SENTENCES]]
        more = len(self.sentences) - len(sentences)
        untold = [f"… and {more} things more: look at it in the chat."] if more else []
        return plain("\n".join((f"{self.title}?", *arguments, *sentences, *untold)))


async def confirmed(call: ToolCall, change: Change) -> Arguments | CallToolResult | InputRequiredResult:
    """The arguments of a change that was confirmed; or what is to be answered instead."""
    if call.context.protocol_version in MODERN_PROTOCOL_VERSIONS:
        return _in_rounds(call, change)
    return await _in_session(call, change)


def _in_rounds(call: ToolCall, change: Change) -> Arguments | CallToolResult | InputRequiredResult:
    given, state = (call.params.input_responses or {}).get(QUESTION), call.params.request_state
    if state is not None and isinstance(given, ElicitResult):
        # The state is sealed and good once: a second use gets the first answer.
        return (
            replace(change.arguments, key=change.arguments.key or state)
            if _yes(given)
            else answer(DECLINED, failed=True)
        )
    if not _can_ask(call):
        return answer(UNABLE, failed=True)
    asked = ElicitRequest(params=ElicitRequestFormParams(message=change.question(), requested_schema=SCHEMA))
    return InputRequiredResult(input_requests={QUESTION: asked}, request_state=str(uuid4()))


async def _in_session(call: ToolCall, change: Change) -> Arguments | CallToolResult:
    session = call.context.session
    if not _can_ask(call) or not session.can_send_request:
        return answer(UNABLE, failed=True)
    try:
        # A number that no other process gives: the answer may come to another one, which passes it on to all.
        options = {"request_id": f"confirm-{uuid4()}", "timeout": PATIENCE_SECONDS}
        params = ElicitRequestFormParams(message=change.question(), requested_schema=SCHEMA)
        told = params.model_dump(by_alias=True, mode="json", exclude_none=True)
        given = ElicitResult.model_validate(
            await session._request_outbound.send_raw_request("elicitation/create", told, options), by_name=False
        )
    except (MCPError, ValidationError):
        return answer(DECLINED, failed=True)
    return change.arguments if _yes(given) else answer(DECLINED, failed=True)


def _can_ask(call: ToolCall) -> bool:
    capabilities = call.context.session.client_capabilities
    return capabilities is not None and capabilities.elicitation is not None


def _yes(given: ElicitResult) -> bool:
    return given.action == "accept" and (given.content or {}).get(QUESTION) is True
