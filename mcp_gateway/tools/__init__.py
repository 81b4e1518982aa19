"""Every tool of the platform, in one literal tuple. A new family is one file and one line here."""

from mcp_gateway.tools import apps, definitions, replays, runs, starters, usage
from mcp_gateway.tools.tool import ArgumentsRefused, Kind, Tool, ToolInput

TOOLS: tuple[Tool, ...] = (*apps.TOOLS, *starters.TOOLS, *runs.TOOLS, *replays.TOOLS, *definitions.TOOLS, *usage.TOOLS)

__all__ = ["TOOLS", "ArgumentsRefused", "Kind", "Tool", "ToolInput"]
