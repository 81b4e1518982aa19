"""Checkouts of the shop, abandoned ones among them."""

from __future__ import annotations

from typing import Any

from decommerce.community.models import ShopifyCheckout
from decommerce.community.outbox import optional_instant
from decommerce.community.shopify import purchases
from decommerce.community.shopify.resource import Resource

FIELDS = (*purchases.FIELDS, "token", "recovery_url", "completed_at")


def read_checkout(resource: Resource) -> ShopifyCheckout:
    """A checkout as Shopify tells of it; raises ResourceRefused."""
    return ShopifyCheckout(
        **purchases.read_purchase(resource),
        token=resource.text("token", 64),
        recovery_url=resource.text("abandoned_checkout_url", 2048),
        completed_at=resource.optional_instant("completed_at"),
    )


def checkout_payload(checkout: ShopifyCheckout) -> dict[str, Any]:
    """A checkout as events name it."""
    return {
        **purchases.purchase_payload(checkout),
        "recovery_url": checkout.recovery_url,
        "completed_at": optional_instant(checkout.completed_at),
    }
