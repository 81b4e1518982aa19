"""Every tool of the platform, in one literal tuple. A new family is one file and one line here."""

from mcp_gateway.tools import acts, apps, definitions, messages, replays, rows, runs, starters, usage
from mcp_gateway.tools.tool import ArgumentsRefused, Kind, Tool, ToolInput

TOOLS: tuple[Tool, ...] = (
    *apps.TOOLS,
    *starters.TOOLS,
    *runs.TOOLS,
    *replays.TOOLS,
    *messages.TOOLS,
    *definitions.TOOLS,
    *usage.TOOLS,
    *rows.TOOLS,
    *acts.TOOLS,
)

__all__ = ["TOOLS", "ArgumentsRefused", "Kind", "Tool", "ToolInput"]
