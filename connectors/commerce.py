"""What people buy: orders that stand, and what was paid for them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from apps_engine.contracts import Column
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import Computed, total
from connectors.people import person
from decommerce.community.models import ShopifyOrder


def orders() -> QuerySet:
    """Orders that were not cancelled."""
    return ShopifyOrder.objects.filter(cancelled_at=None)


def spent(of: str, days: int | None = None) -> Computed:
    """What the orders cost together, less what was paid back."""
    return total(orders, of, F("total_price") - F("total_refunded"), days, money=True)


# What an order and a checkout tell alike.
BUYER = (
    Column(FieldSpec("email", FieldType.TEXT, "The buyer's e-mail address", nullable=True, personal=True), "email"),
    Column(
        FieldSpec("first_name", FieldType.TEXT, "The buyer's first name", nullable=True, untrusted=True, personal=True),
        "customer__first_name",
    ),
    *person("member", "The member who buys", nullable=True),
)
AMOUNTS = (
    Column(FieldSpec("currency", FieldType.TEXT, "ISO 4217 code like EUR"), "currency"),
    Column(FieldSpec("total_price", FieldType.DECIMAL, "What is paid in all"), "total_price"),
    Column(FieldSpec("subtotal_price", FieldType.DECIMAL, "Items less discounts"), "subtotal_price"),
    Column(FieldSpec("total_discounts", FieldType.DECIMAL, "Discounts"), "total_discounts"),
    Column(FieldSpec("item_count", FieldType.INTEGER, "How many pieces"), "item_count"),
    Column(
        FieldSpec("line_items", FieldType.LIST, "title, sku, quantity, price, product_id and variant_id of each"),
        "line_items",
        filterable=False,
    ),
)
# A sample of both.
PURCHASE: Mapping[str, Any] = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "member_id": 42,
    "member_name": "Ada",
    "member_email": "ada@example.com",
    "currency": "EUR",
    "total_price": Decimal("49.00"),
    "subtotal_price": Decimal("49.00"),
    "total_discounts": Decimal("0.00"),
    "item_count": 2,
    "line_items": [
        {"title": "Mug", "sku": "MUG-1", "quantity": 2, "price": Decimal("24.50"), "product_id": 1, "variant_id": 2}
    ],
}
