"""Where other systems call an app, and the secrets that they sign with (TRG-06)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation
from apps_engine.api.serializers import WebhookSecretBody
from apps_engine.api.shapes import INSTANT, INSTANT_OR_NULL, INTEGER, TEXT, WEBHOOK_ADDRESS, extended, list_of, shape
from apps_engine.api.views.base import ApiView
from apps_engine.services.webhooks import list_webhooks, make_secret, webhook_as_dict

DELIVERY = shape(
    {
        "outcome": {"type": "string", "enum": ["accepted", "duplicate", "refused"]},
        "reason": TEXT,
        "count": INTEGER,
        "event": TEXT,
        "last_at": INSTANT,
    }
)
WEBHOOK = extended(
    WEBHOOK_ADDRESS,
    {"secret_made_at": INSTANT_OR_NULL, "old_secret_until": INSTANT_OR_NULL, "deliveries": list_of(DELIVERY)},
)
WEBHOOK_SECRET = shape({"trigger": TEXT, "secret": TEXT})


class AppWebhooksView(ApiView):
    """The addresses of an app's webhook triggers."""

    @operation("List an app's webhooks", result=shape({"items": list_of(WEBHOOK)}))
    def get(self, request: Request, app_id: int) -> Response:
        """Each with its address, how calls are signed, and what came of the latest; never with a secret."""
        return Response({"items": [webhook_as_dict(webhook) for webhook in list_webhooks(self.principal, app_id)]})


class WebhookSecretView(ApiView):
    """The secret of one address."""

    @operation("Make the secret of a webhook", body=WebhookSecretBody, result=WEBHOOK_SECRET, status=201)
    def post(self, request: Request, app_id: int, trigger: str) -> Response:
        """`secret` is shown this once. One before it is believed for 24 hours more, unless `end_old`."""
        body = self.body(WebhookSecretBody)
        address, secret = make_secret(self.principal, app_id, trigger, secret=body["secret"], end_old=body["end_old"])
        return Response({"trigger": address.trigger_id, "secret": secret}, status=201)
