"""What the community's apps have used of what they may (RUN-07)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation, page_of
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import use_as_dict
from apps_engine.services.quotas import usage


class UsageView(ApiView):
    """The quotas of the community."""

    @operation("Get usage", result=page_of("Usage"))
    def get(self, request: Request) -> Response:
        """Each quota with what is used in its present window, and when that ends."""
        return Response({"items": [use_as_dict(use) for use in usage(self.principal)]})
