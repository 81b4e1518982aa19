"""Fixture tools that ask by answering, as the newer era does: round by round, with the state sealed by the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
)

from mcp_gateway.offers import ToolCall
from tests.conformance.contents import said, text, tool

MISSING_CAPABILITY = -32021
Answer = CallToolResult | InputRequiredResult
EXPECTED = {ElicitRequest: ElicitResult, CreateMessageRequest: CreateMessageResult, ListRootsRequest: ListRootsResult}


def asks_for(message: str, name: str, kind: str = "string") -> ElicitRequest:
    """A question with one field."""
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def samples(prompt: str, most: int) -> CreateMessageRequest:
    """A question to the client's model."""
    message = SamplingMessage(role="user", content=text(prompt))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=most))


def answered(params: Any, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The responses to what was asked, if each is there and of the right kind."""
    given = params.input_responses or {}
    fitting = {
        key: given.get(key) for key, request in asked.items() if isinstance(given.get(key), EXPECTED[type(request)])
    }
    return fitting if len(fitting) == len(asked) else None


def _round(asked: Mapping[str, Any], done: Callable[[Mapping[str, Any]], str], state: str | None = None) -> Any:
    async def answer(call: ToolCall) -> Answer:
        responses = answered(call.params, asked)
        if responses is None or (state is not None and call.params.request_state != state):
            return InputRequiredResult(input_requests=dict(asked), request_state=state)
        return said(done(responses))

    return answer


async def _multi_round(call: ToolCall) -> Answer:
    first, second = (
        asks_for("Step 1: What is your name?", "name"),
        asks_for("Step 2: What is your favorite color?", "color"),
    )
    state = call.params.request_state
    if state is None:
        return InputRequiredResult(input_requests={"step1": first}, request_state="round-1")
    if state == "round-1":
        return InputRequiredResult(input_requests={"step2": second}, request_state="round-2")
    return said("Thank you.")


async def _by_capability(call: ToolCall) -> Answer:
    declared = call.context.session.client_capabilities
    possible = {
        "elicitation": {"user_name": asks_for("What is your name?", "name")},
        "sampling": {"greeting": samples("Generate a greeting", 50)},
        "roots": {"client_roots": ListRootsRequest()},
    }
    requests = {key: one for name, row in possible.items() if getattr(declared, name, None) for key, one in row.items()}
    return InputRequiredResult(input_requests=requests) if requests else said("Nothing to ask.")


async def _needs_sampling(call: ToolCall) -> Answer:
    declared = call.context.session.client_capabilities
    if declared is None or declared.sampling is None:
        raise MCPError(MISSING_CAPABILITY, "This needs sampling.", {"requiredCapabilities": {"sampling": {}}})
    return said("ok")


def _name(responses: Mapping[str, Any]) -> str:
    return f"Hello, {(responses['user_name'].content or {}).get('name')}!"


NAME = {"user_name": asks_for("What is your name?", "name")}
CAPITAL = {"capital_question": samples("What is the capital of France?", 100)}
ROOTS = {"client_roots": ListRootsRequest()}
CONFIRM = {"confirm": asks_for("Please confirm", "ok", "boolean")}
PREFIX = "test_input_required_result"
TOOLS = (
    tool(f"{PREFIX}_elicitation", _round(NAME, _name)),
    tool("test_streaming_elicitation", _round(NAME, _name)),
    tool(f"{PREFIX}_sampling", _round(CAPITAL, lambda given: given["capital_question"].content.text)),
    tool(f"{PREFIX}_list_roots", _round(ROOTS, lambda given: str([str(r.uri) for r in given["client_roots"].roots]))),
    tool(f"{PREFIX}_request_state", _round(CONFIRM, lambda _: "state-ok", "asked")),
    tool(f"{PREFIX}_tampered_state", _round(CONFIRM, lambda _: "state-ok", "asked")),
    tool(
        f"{PREFIX}_multiple_inputs",
        _round({**NAME, "greeting": samples("Generate a greeting", 50), **ROOTS}, lambda _: "All there.", "asked"),
    ),
    tool(f"{PREFIX}_multi_round", _multi_round),
    tool(f"{PREFIX}_capabilities", _by_capability),
    tool("test_missing_capability", _needs_sampling),
)
