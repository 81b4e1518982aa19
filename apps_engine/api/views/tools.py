"""Apps as tools of agents (MCP-06)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation
from apps_engine.api.serializers import ToolBody
from apps_engine.api.views.base import ApiView
from apps_engine.services.offering import offer_as_tool
from apps_engine.services.presentation import app_as_dict


class AppToolView(ApiView):
    """Whether agents may call an app as a tool of its own."""

    @operation("Offer an app as a tool", body=ToolBody, result="App")
    def put(self, request: Request, app_id: int) -> Response:
        """With `offered` agents of the community see it in their list of tools; it needs a manual trigger."""
        return Response(app_as_dict(offer_as_tool(self.principal, app_id, self.body(ToolBody)["offered"])))
