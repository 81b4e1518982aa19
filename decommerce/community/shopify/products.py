"""Products of the shop."""

from __future__ import annotations

from typing import Any

from decommerce.community.models import ShopifyProduct
from decommerce.community.shopify.resource import Resource, bounded

FIELDS = (
    "updated_at",
    "title",
    "handle",
    "vendor",
    "product_type",
    "status",
    "tags",
    "price_min",
    "price_max",
    "inventory_quantity",
    "published_at",
)


def read_product(resource: Resource) -> ShopifyProduct:
    """A product as Shopify tells of it; raises ResourceRefused."""
    created_at = resource.instant("created_at")
    variants = resource.children("variants")
    prices = [price for variant in variants if (price := variant.optional_money("price")) is not None]
    return ShopifyProduct(
        shopify_id=resource.identifier(),
        created_at=created_at,
        updated_at=resource.optional_instant("updated_at") or created_at,
        title=resource.text("title", 255),
        handle=resource.text("handle", 255),
        vendor=resource.text("vendor", 255),
        product_type=resource.text("product_type", 255),
        status=resource.text("status", 16),
        tags=resource.words("tags"),
        price_min=min(prices, default=None),
        price_max=max(prices, default=None),
        inventory_quantity=bounded(sum(variant.quantity("inventory_quantity") for variant in variants)),
        published_at=resource.optional_instant("published_at"),
    )


def product_payload(product: ShopifyProduct) -> dict[str, Any]:
    """A product as events name it."""
    return {
        "id": product.pk,
        "shopify_id": product.shopify_id,
        "title": product.title,
        "handle": product.handle,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "status": product.status,
        "tags": product.tags,
        "price_min": product.price_min,
        "price_max": product.price_max,
        "inventory_quantity": product.inventory_quantity,
    }
