"""What orders and checkouts have in common."""

from __future__ import annotations

from typing import Any

from decommerce.community.models import ShopifyCheckout, ShopifyOrder
from decommerce.community.outbox import instant
from decommerce.community.shopify.resource import Resource, bounded

FIELDS = (
    "updated_at",
    "email",
    "member_id",
    "customer_id",
    "currency",
    "total_price",
    "subtotal_price",
    "total_discounts",
    "line_items",
    "item_count",
)


def read_purchase(resource: Resource) -> dict[str, Any]:
    """The values that an order and a checkout share; raises ResourceRefused."""
    created_at = resource.instant("created_at")
    lines = [_line(line) for line in resource.children("line_items")]
    return {
        "shopify_id": resource.identifier(),
        "created_at": created_at,
        "updated_at": resource.optional_instant("updated_at") or created_at,
        "email": resource.email(),
        "currency": resource.text("currency", 3),
        "total_price": resource.money("total_price"),
        "subtotal_price": resource.money("subtotal_price"),
        "total_discounts": resource.money("total_discounts"),
        "line_items": lines,
        "item_count": bounded(sum(line["quantity"] for line in lines)),
    }


def purchase_payload(purchase: ShopifyOrder | ShopifyCheckout) -> dict[str, Any]:
    """An order or a checkout as events name it."""
    return {
        "id": purchase.pk,
        "shopify_id": purchase.shopify_id,
        "email": purchase.email,
        "member_id": purchase.member_id,
        "total_price": purchase.total_price,
        "subtotal_price": purchase.subtotal_price,
        "total_discounts": purchase.total_discounts,
        "currency": purchase.currency,
        "item_count": purchase.item_count,
        "line_items": purchase.line_items,
        "created_at": instant(purchase.created_at),
    }


def _line(line: Resource) -> dict[str, Any]:
    return {
        "title": line.text("title", 255),
        "sku": line.text("sku", 255),
        "quantity": line.count("quantity"),
        "price": line.money("price"),
        "product_id": line.optional_identifier("product_id"),
        "variant_id": line.optional_identifier("variant_id"),
    }
