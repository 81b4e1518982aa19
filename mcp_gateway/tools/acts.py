"""Tools that change the community's data, each by an action of the registry (MCP-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from apps_engine.api import shapes
from apps_engine.language.catalogue import FieldType
from apps_engine.registry import registry
from apps_engine.services.acts import act
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.tool import Kind, Tool

_TYPES: Mapping[FieldType, str] = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.INSTANT: "string",
    FieldType.LIST: "array",
    FieldType.OBJECT: "object",
}


@dataclass(frozen=True, slots=True)
class Acting:
    """One tool: the action it does, which is also its name, and whether that can be taken back."""

    action: str
    title: str
    about: str
    example: Mapping[str, Any]
    kind: Kind = "write"

    def tool(self) -> Tool:
        """The tool, with the action's parameters and result as its schemas."""
        action = registry.actions[self.action]
        members = {
            spec.name: {"type": [_TYPES[spec.type], "null"], "description": spec.summary} for spec in action.result
        }
        return Tool(
            name=self.action,
            title=self.title,
            description=self.about,
            scope=action.scope,
            kind=self.kind,
            Input=action.Params,
            run=self._run,
            output=shapes.shape(members),
            reaches_out=bool(action.sends),
            example=self.example,
        )

    def _run(self, principal: Principal, given: BaseModel) -> dict[str, Any]:
        return act(principal, self.action, given)


ACTINGS = (
    Acting(
        "create_post",
        "Write a post",
        "Write a post as the community's team, or as a member by their number; members see it at once.",
        {"room_id": 3, "title": "Welcome", "body": "Say hello to this week's new members!"},
    ),
    Acting(
        "create_mission",
        "Create a mission",
        "Set up a mission that members can work on for XP.",
        {"title": "Post your first recipe", "xp_reward": 50, "ends_at": "2027-01-31T23:00:00Z"},
    ),
    Acting(
        "send_notification",
        "Send a notification",
        "Tell a member, several, the moderators or everyone something in their inbox or on their devices. It cannot be "
        "taken back.",
        {"to": "moderators", "title": "Twelve posts wait for a review", "link": "/posts"},
        kind="destructive",
    ),
)
TOOLS = tuple(acting.tool() for acting in ACTINGS)
