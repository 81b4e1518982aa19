"""What the community's apps have used of what they may (RUN-07)."""

from __future__ import annotations

from typing import Any

from apps_engine.api import shapes
from apps_engine.services.presentation import use_as_dict
from apps_engine.services.quotas import usage
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.tool import Tool, ToolInput


class UsageInput(ToolInput):
    """Nothing to say."""


def _usage(principal: Principal, given: UsageInput) -> dict[str, Any]:
    return {"quotas": [use_as_dict(use) for use in usage(principal)]}


TOOLS = (
    Tool(
        name="get_usage",
        title="Get usage",
        description="The community's quotas: runs an hour, e-mails a day, AI calls and tokens; what is used of each, "
        "what is allowed and when it begins anew.",
        scope="apps:read",
        kind="read",
        Input=UsageInput,
        run=_usage,
        output=shapes.shape({"quotas": shapes.list_of(shapes.USAGE)}),
        example={},
    ),
)
