"""Fixture resources and prompts of the conformance suite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mcp.types import (
    BlobResourceContents,
    ContentBlock,
    EmptyResult,
    GetPromptResult,
    InputRequiredResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from decommerce.tenancy.principal import Principal
from mcp_gateway.offers import Content, OfferedPrompt, PromptCall
from tests.conformance.contents import IMAGE, PNG, resource, text
from tests.conformance.rounds import answered, asks_for

RESOURCES = tuple(
    Resource(uri=f"test://{name}", name=name, description=f"Fixture {name}.", mime_type=mime_type)
    for name, mime_type in (
        ("static-text", "text/plain"),
        ("static-binary", "image/png"),
        ("watched-resource", "text/plain"),
    )
)
TEMPLATES = (
    ResourceTemplate(
        uri_template="test://template/{id}/data", name="template", description="Fixture.", mime_type="application/json"
    ),
)


async def read(_: Principal, uri: str) -> Content | None:
    """The fixture resources."""
    if uri == "test://static-text":
        words = "This is the content of the static text resource."
        return TextResourceContents(uri=uri, mime_type="text/plain", text=words)
    if uri == "test://static-binary":
        return BlobResourceContents(uri=uri, mime_type="image/png", blob=PNG)
    if uri == "test://watched-resource":
        return TextResourceContents(uri=uri, mime_type="text/plain", text="Watched.")
    if uri.startswith("test://template/") and uri.endswith("/data"):
        number = uri.removeprefix("test://template/").removesuffix("/data")
        data = {"id": number, "templateTest": True, "data": f"Data for ID: {number}"}
        return TextResourceContents(uri=uri, mime_type="application/json", text=json.dumps(data))
    return None


async def nothing(_: Any, __: Any) -> EmptyResult:
    """Subscribing and setting a level of logging are taken note of."""
    return EmptyResult()


def _messages(*content: ContentBlock) -> GetPromptResult:
    return GetPromptResult(messages=[PromptMessage(role="user", content=part) for part in content])


async def _simple(_: PromptCall) -> GetPromptResult:
    return _messages(text("This is a simple prompt for testing."))


async def _with_arguments(call: PromptCall) -> GetPromptResult:
    given = call.params.arguments or {}
    return _messages(text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"))


async def _with_resource(call: PromptCall) -> GetPromptResult:
    uri = (call.params.arguments or {})["resourceUri"]
    document = resource(uri, "text/plain", "Embedded resource content for testing.")
    return _messages(document, text("Please process the embedded resource above."))


async def _with_image(_: PromptCall) -> GetPromptResult:
    return _messages(IMAGE, text("Please analyze the image above."))


async def _asking(call: PromptCall) -> GetPromptResult | InputRequiredResult:
    asked = {"user_context": asks_for("What context should the prompt use?", "context")}
    responses = answered(call.params, asked)
    if responses is None:
        return InputRequiredResult(input_requests=asked)
    return _messages(text(f"Context: {responses['user_context'].content}"))


def _prompt(name: str, answer: Any, arguments: Sequence[str] = ()) -> OfferedPrompt:
    declared = [PromptArgument(name=one, description=f"Argument {one}.", required=True) for one in arguments]
    return OfferedPrompt(Prompt(name=name, description=f"Fixture {name}.", arguments=declared), answer)


PROMPTS = (
    _prompt("test_simple_prompt", _simple),
    _prompt("test_prompt_with_arguments", _with_arguments, ("arg1", "arg2")),
    _prompt("test_prompt_with_embedded_resource", _with_resource, ("resourceUri",)),
    _prompt("test_prompt_with_image", _with_image),
    _prompt("test_input_required_result_prompt", _asking),
)
