"""Customers of the shop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from decommerce.community.models import ShopifyCustomer
from decommerce.community.shopify.resource import Resource

FIELDS = (
    "updated_at",
    "email",
    "member_id",
    "first_name",
    "last_name",
    "state",
    "country",
    "tags",
    "accepts_marketing",
    "orders_count",
    "total_spent",
    "currency",
)


def read_customer(resource: Resource) -> ShopifyCustomer:
    """A customer as Shopify tells of them; raises ResourceRefused."""
    created_at = resource.instant("created_at")
    address = resource.child("default_address")
    return ShopifyCustomer(
        shopify_id=resource.identifier(),
        created_at=created_at,
        updated_at=resource.optional_instant("updated_at") or created_at,
        email=resource.email(),
        first_name=resource.text("first_name", 120),
        last_name=resource.text("last_name", 120),
        state=resource.text("state", 16),
        country=address.text("country_code", 2) if address else "",
        tags=resource.words("tags"),
        accepts_marketing=resource.flag("accepts_marketing"),
        orders_count=resource.count("orders_count"),
        total_spent=resource.money("total_spent"),
        currency=resource.text("currency", 3),
    )


def customer_payload(customer: ShopifyCustomer) -> dict[str, Any]:
    """A customer as events name them."""
    return {
        "id": customer.pk,
        "shopify_id": customer.shopify_id,
        "email": customer.email,
        "member_id": customer.member_id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "country": customer.country,
        "orders_count": customer.orders_count,
        "total_spent": customer.total_spent,
        "currency": customer.currency,
    }


def customer_ids(shopify_ids: Sequence[int]) -> dict[int, int]:
    """Our ids of these of Shopify's customers, as far as they are known."""
    rows = ShopifyCustomer.objects.filter(shopify_id__in=shopify_ids)
    return dict(rows.values_list("shopify_id", "pk"))
