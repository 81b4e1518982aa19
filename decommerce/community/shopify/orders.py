"""Orders of the shop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Min
from django.db.models.functions import Lower

from decommerce.community.models import ShopifyOrder
from decommerce.community.outbox import optional_instant
from decommerce.community.shopify import purchases
from decommerce.community.shopify.resource import Resource

FIELDS = (*purchases.FIELDS, "name", "financial_status", "fulfillment_status", "tags", "cancelled_at")


def read_order(resource: Resource) -> ShopifyOrder:
    """An order as Shopify tells of it; raises ResourceRefused."""
    return ShopifyOrder(
        **purchases.read_purchase(resource),
        name=resource.text("name", 64),
        financial_status=resource.text("financial_status", 32),
        fulfillment_status=resource.text("fulfillment_status", 32),
        tags=resource.words("tags"),
        cancelled_at=resource.optional_instant("cancelled_at"),
    )


def order_payload(order: ShopifyOrder) -> dict[str, Any]:
    """An order as events name it."""
    return {
        **purchases.purchase_payload(order),
        "name": order.name,
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "total_refunded": order.total_refunded,
        "first_purchase": order.first_purchase,
        "cancelled_at": optional_instant(order.cancelled_at),
    }


def mark_first_purchases(created: Sequence[ShopifyOrder]) -> None:
    """Mark those of the new orders before which nothing was ordered from the same address."""
    addresses = {order.email.lower() for order in created if order.email}
    if not addresses:
        return
    earlier = ShopifyOrder.objects.annotate(address=Lower("email")).filter(address__in=addresses)
    first = dict(earlier.values("address").annotate(first=Min("created_at")).values_list("address", "first"))
    firsts = [order for order in created if order.email and order.created_at == first[order.email.lower()]]
    for order in firsts:
        order.first_purchase = True
    ShopifyOrder.objects.filter(pk__in=[order.pk for order in firsts]).update(first_purchase=True)
