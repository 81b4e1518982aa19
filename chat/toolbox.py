"""The tools of one person: what their role lets them call, as a model sees them and as the turn runs them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps_engine.language import jsontext
from apps_engine.language.errors import LanguageError
from chat.model.port import CallResult, ToolSpec
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools import TOOLS, Tool

# For programs: in a chat the guidance, the proposal's card and the pages of runs and e-mails have what these tell.
NOT_IN_CHATS = frozenset(
    {
        "validate_app",
        "dry_run_app",
        "list_building_blocks",
        "explain_app",
        "list_run_calls",
        "settle_call",
        "list_messages",
        "settle_message",
    }
)


class UnknownTool(NotFound):
    """A model asked for a tool that does not exist, or that the person may not use."""

    code = "unknown_tool"


class Toolbox:
    """The one registry of tools, narrowed to a principal and to what a chat needs."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.tools = {tool.name: tool for tool in TOOLS if principal.may(tool.scope) and tool.name not in NOT_IN_CHATS}

    def specs(self) -> list[ToolSpec]:
        """The tools for a model, in a stable order so that a provider can cache them."""
        return [
            ToolSpec(tool.name, tool.description, _lean(tool.input_schema()), tool.kind != "read")
            for _, tool in sorted(self.tools.items())
        ]

    def find(self, name: str) -> Tool:
        """The tool of that name; raises UnknownTool."""
        tool = self.tools.get(name)
        if tool is None:
            raise UnknownTool(f"There is no tool “{name}”.", hint=f"Tools: {', '.join(sorted(self.tools))}.")
        return tool

    def run(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a tool as the person; raises PlatformError. Needs the tenant's scope."""
        # What was stored holds exact decimals; a tool takes plain JSON and makes it exact itself.
        return self.find(name).call(self.principal, json.loads(jsontext.dumps(dict(arguments))))


def _lean(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without the names of a connector's fields, which the guidance has told."""
    fields = schema["properties"].get("fields")
    if fields is None:
        return schema
    return {**schema, "properties": {**schema["properties"], "fields": {**fields, "items": {"type": "string"}}}}


def refusal(error: PlatformError | LanguageError) -> CallResult:
    """An error as the result of a call: what went wrong and what to do."""
    problems = [problem.as_dict() for problem in getattr(error, "problems", ())]
    described = {"code": error.code, "message": error.message, "hint": error.hint}
    return CallResult({**described, "problems": problems} if problems else described, refused=True)
