"""A tool of the registry as MCP offers it: declared, asked about where the key demands it, called, waited for."""

from __future__ import annotations

from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from mcp.types import Tool as ToolDeclaration

from apps_engine.services.definitions import Source, check
from decommerce.tenancy.principal import Principal
from mcp_gateway.answers import answer
from mcp_gateway.arguments import Arguments, arguments_of, declared_input
from mcp_gateway.calls import Outcome, guarded, perform
from mcp_gateway.confirmation import Change, confirmed
from mcp_gateway.offers import OfferedTool, ToolCall
from mcp_gateway.progress import beating, followed
from mcp_gateway.shapes import declared_output
from mcp_gateway.threads import in_own_tenant, in_own_thread
from mcp_gateway.tools import Tool


def offered(tool: Tool) -> OfferedTool:
    """The tool with its declaration and its answers."""
    return OfferedTool(declaration_of(tool), Answering(tool), frozenset({tool.scope}))


def declaration_of(tool: Tool) -> ToolDeclaration:
    """What a client is told of a tool."""
    return ToolDeclaration(
        name=tool.name,
        title=tool.title,
        description=tool.told,
        input_schema=declared_input(tool),
        output_schema=declared_output(tool),
        annotations=ToolAnnotations(
            read_only_hint=tool.kind == "read",
            destructive_hint=tool.kind == "destructive",
            idempotent_hint=tool.idempotent or tool.kind == "read",
            open_world_hint=tool.reaches_out,
        ),
    )


class Answering:
    """Answers the calls of one tool."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    async def __call__(self, call: ToolCall) -> CallToolResult | InputRequiredResult:
        tool, principal = self._tool, call.principal
        told = guarded(tool.name, principal, lambda: _told_apart(tool, call))
        if told.failed:
            return answer(told.value, failed=True)
        arguments: Arguments = told.value["arguments"]
        if principal.confirms and tool.kind != "read":
            asked = await self._confirmed(call, arguments)
            if not isinstance(asked, Arguments):
                return asked
            arguments = asked
        async with beating(call.context):
            outcome = await in_own_thread(perform, tool, principal, arguments)
        value = outcome.value
        if arguments.wait_seconds and not outcome.failed:
            value = await followed(call.context, principal, value["id"], arguments.wait_seconds)
        return answer(value, failed=outcome.failed, replayed=outcome.replayed)

    async def _confirmed(
        self, call: ToolCall, arguments: Arguments
    ) -> Arguments | CallToolResult | InputRequiredResult:
        """Asks for nothing that could not be done anyway."""
        judged = await in_own_tenant(call.principal, self._judged, call, arguments)
        if judged.failed:
            return answer(judged.value, failed=True)
        change = Change(self._tool.title, arguments, tuple(judged.value["sentences"]))
        return await confirmed(call, change)

    def _judged(self, call: ToolCall, arguments: Arguments) -> Outcome:
        def body() -> Outcome:
            call.principal.require(self._tool.scope)
            given = self._tool.parse(arguments.own)
            definition = getattr(given, "definition", None)
            return Outcome({"sentences": [] if definition is None else _sentences(call.principal, definition)})

        return guarded(self._tool.name, call.principal, body)


def _told_apart(tool: Tool, call: ToolCall) -> Outcome:
    return Outcome({"arguments": arguments_of(tool, call.params.arguments)})


def _sentences(principal: Principal, definition: Source) -> list[str]:
    return list(check(principal, definition).sentences)
