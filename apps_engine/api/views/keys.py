"""API keys: list, make, rotate, revoke (SEC-04)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation, page_of
from apps_engine.api.serializers import KeyBody, KeyRotation
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import instant
from decommerce.tenancy.keys import create_key, revoke_key, rotate_key
from decommerce.tenancy.models import ApiKey


class KeysView(ApiView):
    """The community's API keys."""

    @operation("List API keys", result=page_of("Key"))
    def get(self, request: Request) -> Response:
        """Newest first, revoked ones too; never their secrets."""
        self.principal.require("admin")
        return Response({"items": [_key(key) for key in ApiKey.objects.order_by("-pk")]})

    @operation("Make an API key", body=KeyBody, result="KeyWithSecret", status=201)
    def post(self, request: Request) -> Response:
        """`secret` is shown this once. No key can hold more scopes than its maker; none sends from another's source.

        With `confirms` a person confirms each change: agents ask them over MCP, and REST only reads.
        """
        body = self.body(KeyBody)
        key, secret = create_key(
            self.principal,
            body["name"],
            body["scopes"],
            expires_at=body["expires_at"],
            confirms=body["confirms"],
            event_source=body["event_source"],
        )
        return Response({**_key(key), "secret": secret}, status=201)


class KeyView(ApiView):
    """One API key."""

    @operation("Revoke an API key", status=204)
    def delete(self, request: Request, key_id: int) -> Response:
        """Ends it at once."""
        revoke_key(self.principal, key_id)
        return Response(status=204)


class KeyRotationView(ApiView):
    """Replacing a key."""

    @operation("Rotate an API key", body=KeyRotation, result="KeyWithSecret", status=201)
    def post(self, request: Request, key_id: int) -> Response:
        """A successor with the same scopes; the old key stays good for the overlap."""
        overlap = timedelta(hours=self.body(KeyRotation)["overlap_hours"])
        key, secret = rotate_key(self.principal, key_id, overlap=overlap)
        return Response({**_key(key), "secret": secret}, status=201)


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "confirms": key.confirms,
        "event_source": key.event_source,
        "created_by": key.created_by,
        "created_at": instant(key.created_at),
        "expires_at": instant(key.expires_at),
        "revoked_at": instant(key.revoked_at),
        "last_used_at": instant(key.last_used_at),
    }
