"""What people buy: orders that stand, and what was paid for them."""

from __future__ import annotations

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
