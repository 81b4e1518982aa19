"""From a request of the protocol to whoever answers it, the same way for every offer and in both eras."""

from __future__ import annotations

from typing import Any

from mcp.server import NotificationOptions, Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.request_state import RequestStateBoundary
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
)

from apps_engine.language.suggestions import did_you_mean
from mcp_gateway.authentication import current_principal
from mcp_gateway.budget import spend_on_requests
from mcp_gateway.changes import Changes
from mcp_gateway.offers import Offer, PromptCall, ToolCall
from mcp_gateway.sessions import Sessions
from mcp_gateway.state import request_state_security
from mcp_gateway.tools.plain import plain

# The most of a name or an address that an error repeats.
LONGEST_TOLD = 100
# Everything may differ from key to key, and lists may change at any time: nobody else's cache keeps them.
FRESH = CacheHint(ttl_ms=0, scope="private")
STEADY = CacheHint(ttl_ms=300_000, scope="private")
CACHED = {
    "tools/list": FRESH,
    "resources/read": FRESH,
    "resources/list": STEADY,
    "resources/templates/list": STEADY,
    "prompts/list": STEADY,
    "server/discover": STEADY,
}


class Dispatch:
    """The handlers of one offer."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.tools = {tool.declaration.name: tool for tool in offer.tools}
        self.prompts = {prompt.declaration.name: prompt for prompt in offer.prompts}

    async def list_tools(self, _: ServerRequestContext, __: PaginatedRequestParams | None) -> ListToolsResult:
        """The tools that the key's scopes allow, those of its community at the end."""
        principal = current_principal()
        every = [*self.offer.tools, *await self.offer.own_tools(principal)]
        return ListToolsResult(tools=[tool.declaration for tool in every if tool.scopes <= principal.scopes])

    async def call_tool(
        self, context: ServerRequestContext, params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        """The answer of a tool; an unknown name is an error of the protocol."""
        principal = current_principal()
        tool = self.tools.get(params.name) or await self.offer.own_tool(principal, params.name)
        if tool is None:
            asked = plain(params.name[:LONGEST_TOLD])
            message = f"Unknown tool: {asked}. {did_you_mean(asked, self.tools)}".rstrip()
            raise MCPError(INVALID_PARAMS, message)
        return await tool.answer(ToolCall(context, principal, params))

    async def list_resources(self, _: ServerRequestContext, __: PaginatedRequestParams | None) -> ListResourcesResult:
        """Every resource without a part to be filled in."""
        return ListResourcesResult(resources=list(self.offer.resources))

    async def list_templates(
        self, _: ServerRequestContext, __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        """The addresses that have a part to be filled in."""
        return ListResourceTemplatesResult(resource_templates=list(self.offer.templates))

    async def read_resource(self, _: ServerRequestContext, params: ReadResourceRequestParams) -> ReadResourceResult:
        """The content at an address; an unknown one is an error of the protocol."""
        uri = str(params.uri)
        content = await self.offer.read(current_principal(), uri)
        if content is None:
            raise MCPError(INVALID_PARAMS, f"Resource not found: {uri[:LONGEST_TOLD]}", {"uri": uri[:LONGEST_TOLD]})
        return ReadResourceResult(contents=[content])

    async def list_prompts(self, _: ServerRequestContext, __: PaginatedRequestParams | None) -> ListPromptsResult:
        """Every prompt."""
        return ListPromptsResult(prompts=[prompt.declaration for prompt in self.offer.prompts])

    async def get_prompt(
        self, context: ServerRequestContext, params: GetPromptRequestParams
    ) -> GetPromptResult | InputRequiredResult:
        """A prompt written out; an unknown name and a missing argument are errors of the protocol."""
        prompt = self.prompts.get(params.name)
        if prompt is None:
            asked = plain(params.name[:LONGEST_TOLD])
            message = f"Unknown prompt: {asked}. {did_you_mean(asked, self.prompts)}".rstrip()
            raise MCPError(INVALID_PARAMS, message)
        given = params.arguments or {}
        declared = prompt.declaration.arguments or []
        missing = [argument.name for argument in declared if argument.required and argument.name not in given]
        if missing:
            raise MCPError(INVALID_PARAMS, f"Missing arguments: {', '.join(missing)}.", {"missing": missing})
        return await prompt.answer(PromptCall(context, current_principal(), params))

    async def complete(self, _: ServerRequestContext, params: CompleteRequestParams) -> CompleteResult:
        """What the beginning of an argument may become."""
        return CompleteResult(completion=await self.offer.complete(current_principal(), params))

    def input_schema(self, name: str) -> dict[str, Any] | None:
        """The schema of a tool's arguments, for the SDK's check of parameter headers."""
        tool = self.tools.get(name)
        return None if tool is None else tool.declaration.input_schema


class DispatchingServer(Server):
    """The SDK's server, which says of sessions too that its list of tools may change, and tells them when it does."""

    def __init__(self, changes: Changes, name: str, **options: Any) -> None:
        super().__init__(name, lifespan=changes.lifespan, on_subscriptions_listen=changes.listen, **options)
        self.changes = changes

    def create_initialization_options(
        self, notification_options: NotificationOptions | None = None, *args: Any, **options: Any
    ) -> Any:
        """What a session is told at its beginning."""
        changing = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(changing, *args, **options)


def build_server(offer: Offer, changes: Changes) -> DispatchingServer:
    """A server of the SDK with the handlers of an offer."""
    handlers = Dispatch(offer)
    server = DispatchingServer(
        changes,
        offer.name,
        version="1.0",
        title=offer.title,
        instructions=offer.instructions,
        cache_hints=CACHED,
        get_tool_input_schema=handlers.input_schema,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
        on_completion=handlers.complete,
        **offer.more,
    )
    sealing = RequestStateBoundary(request_state_security(), default_audience=offer.name)
    server.middleware += [spend_on_requests, Sessions(), sealing]
    return server
