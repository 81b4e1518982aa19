"""Apps for AI agents."""

from __future__ import annotations

from django.apps import AppConfig


class McpGatewayConfig(AppConfig):
    """Apps for AI agents."""

    name = "mcp_gateway"
    label = "mcp_gateway"
