"""A shop that delivers to the platform, and payloads in the shapes of Shopify."""

from __future__ import annotations

import json
from copy import deepcopy

from django.test import Client

from decommerce.community.models import ShopDelivery
from decommerce.community.shopify.signature import sign
from decommerce.tenancy.context import tenant_scope

ORDER = {
    "id": 450789469,
    "name": "#1001",
    "email": "Bob.Norman@example.org",
    "created_at": "2026-11-20T11:00:00-05:00",
    "updated_at": "2026-11-20T11:00:00-05:00",
    "currency": "USD",
    "total_price": "409.94",
    "subtotal_price": "398.00",
    "total_discounts": "0.00",
    "financial_status": "authorized",
    "fulfillment_status": None,
    "tags": "vip, spring",
    "line_items": [
        {
            "title": "Mug",
            "sku": "MUG",
            "quantity": 2,
            "price": "199.00",
            "product_id": 632910392,
            "variant_id": 39072856,
        }
    ],
    "customer": {"id": 207119551, "email": "bob.norman@example.org", "first_name": "Bob", "last_name": "Norman"},
}
REFUND = {
    "id": 509562969,
    "order_id": ORDER["id"],
    "created_at": "2026-11-21T13:35:06-04:00",
    "note": "broke",
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "9.94", "currency": "USD"},
        {"kind": "refund", "status": "failure", "amount": "400.00", "currency": "USD"},
    ],
}


def changed(payload, **values):
    return {**deepcopy(payload), **values}


class ConnectedShop:
    """A shop that delivers to the platform as Shopify does."""

    def __init__(self, tenant, connected) -> None:
        self.tenant = tenant
        self.path = connected.url.removeprefix("http://127.0.0.1:8000")
        self.secret = connected.webhook_secret
        self.events = 0

    def deliver(self, topic, payload, *, event_id=None, signature=None, path=None, client=None):
        """Deliver a payload (or raw bytes) and return the answer."""
        self.events += 1
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": sign(self.secret, body) if signature is None else signature,
            "X-Shopify-Event-Id": f"event-{self.events}" if event_id is None else event_id,
        }
        sender = client or Client()
        return sender.post(path or self.path, body, content_type="application/json", headers=headers)

    def deliveries(self):
        with tenant_scope(self.tenant.pk):
            return list(ShopDelivery.objects.order_by("pk").values_list("topic", "outcome", "reason", "count"))
