"""Bringing an app up to date (APP-10)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation
from apps_engine.api.preconditions import etag, expected_version, honouring
from apps_engine.api.serializers import UpgradeBody
from apps_engine.api.views.base import ApiView
from apps_engine.services.upgrades import apply_upgrade, preview_upgrade


class AppUpgradeView(ApiView):
    """The current schema version, and what replaces deprecated features."""

    @operation("Upgrade an app", body=UpgradeBody, result="Upgrade", tagged=True, conditional=True)
    def post(self, request: Request, app_id: int) -> Response:
        """A preview of what would change; with `confirm` it is stored as the app's next version."""
        body = self.body(UpgradeBody)
        expected = expected_version(request, body)
        if not body["confirm"]:
            preview = preview_upgrade(self.principal, app_id)
            return Response(preview.as_dict(), headers={"ETag": etag(preview.app)})
        with honouring(request):
            offer = apply_upgrade(self.principal, app_id, expected_version=expected)
        return Response(offer.as_dict(), headers={"ETag": etag(offer.app)})
