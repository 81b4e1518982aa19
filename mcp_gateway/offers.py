"""What a server offers: tools, resources and prompts, each with the function that answers.

The platform's own offer is in `server`; the conformance suite has one of its own, served by the same code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.types import (
    BlobResourceContents,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    Completion,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    Prompt,
    Resource,
    ResourceTemplate,
    TextResourceContents,
    Tool,
)

from decommerce.tenancy.principal import Principal

Content = TextResourceContents | BlobResourceContents


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call: who asks for what, and the request that it came with."""

    context: ServerRequestContext
    principal: Principal
    params: CallToolRequestParams


@dataclass(frozen=True, slots=True)
class PromptCall:
    """One prompt that is asked for."""

    context: ServerRequestContext
    principal: Principal
    params: GetPromptRequestParams


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool as it is listed, the scopes without which it is not listed, and who answers its calls."""

    declaration: Tool
    answer: Callable[[ToolCall], Awaitable[CallToolResult | InputRequiredResult]]
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OfferedPrompt:
    """A prompt, and who writes it out."""

    declaration: Prompt
    answer: Callable[[PromptCall], Awaitable[GetPromptResult | InputRequiredResult]]


async def no_tools(principal: Principal) -> Sequence[OfferedTool]:
    """A community without tools of its own."""
    return ()


async def no_tool(principal: Principal, name: str) -> OfferedTool | None:
    """The same, asked by name."""
    return None


async def no_completion(principal: Principal, params: CompleteRequestParams) -> Completion:
    """Nothing to complete."""
    return Completion(values=[])


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything. `own_tools` and `own_tool` are those of the caller's community; `read` answers None for no resource.

    `more` are handlers of the SDK's server beyond these, by their keyword.
    """

    name: str
    title: str
    instructions: str
    tools: Sequence[OfferedTool]
    resources: Sequence[Resource]
    templates: Sequence[ResourceTemplate]
    prompts: Sequence[OfferedPrompt]
    read: Callable[[Principal, str], Awaitable[Content | None]]
    own_tools: Callable[[Principal], Awaitable[Sequence[OfferedTool]]] = no_tools
    own_tool: Callable[[Principal, str], Awaitable[OfferedTool | None]] = no_tool
    complete: Callable[[Principal, CompleteRequestParams], Awaitable[Completion]] = no_completion
    more: Mapping[str, Any] = field(default_factory=dict)
