"""A draft beside the live version of an app: begin, compare, end (RUN-15)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation
from apps_engine.api.serializers import ShadowBody
from apps_engine.api.views.base import ApiView
from apps_engine.services.shadows import begin_shadow, end_shadow, get_shadow, shadow_as_dict


class AppShadowView(ApiView):
    """The draft beside an app."""

    @operation("Compare an app with the draft beside it", result="Shadow")
    def get(self, request: Request, app_id: int) -> Response:
        """What both versions came to on the same events; of the last draft, where none is beside it now."""
        return Response(shadow_as_dict(get_shadow(self.principal, app_id)))

    @operation("Set a draft beside an app", body=ShadowBody, result="Shadow", status=201)
    def post(self, request: Request, app_id: int) -> Response:
        """Rehearses it on what arrives from now on, for `days`, beside the live version, with no effect."""
        self.principal.require("data:read")
        body = self.body(ShadowBody)
        shadow = begin_shadow(self.principal, app_id, body["definition"], days=body["days"])
        return Response(shadow_as_dict(shadow), 201)

    @operation("End the draft beside an app", result="Shadow")
    def delete(self, request: Request, app_id: int) -> Response:
        """Nothing more is rehearsed; what was counted stays."""
        self.principal.require("data:read")
        return Response(shadow_as_dict(end_shadow(self.principal, app_id)))
