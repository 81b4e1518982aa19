"""Orders of the tenant's shops."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.community.models import ShopifyOrder


class ShopifyOrders(TableConnector):
    """One row an order. Amounts are exact decimals in the order's own currency."""

    name = "shopify_orders"
    noun = "orders"
    summary = "Shop orders with amounts, status, items and the member who ordered"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The order's number here"), "pk"),
        Column(FieldSpec("shopify_id", FieldType.INTEGER, "The order's number at Shopify"), "shopify_id"),
        Column(FieldSpec("name", FieldType.TEXT, "What the customer sees, like #1001"), "name"),
        Column(
            FieldSpec("email", FieldType.TEXT, "The customer's e-mail address", nullable=True, personal=True), "email"
        ),
        Column(FieldSpec("member_id", FieldType.INTEGER, "The member who ordered", nullable=True), "member_id"),
        Column(
            FieldSpec(
                "member_name", FieldType.TEXT, "That member's name", nullable=True, untrusted=True, personal=True
            ),
            "member__display_name",
        ),
        Column(FieldSpec("currency", FieldType.TEXT, "ISO 4217 code like EUR"), "currency"),
        Column(FieldSpec("total_price", FieldType.DECIMAL, "What is paid in all"), "total_price"),
        Column(FieldSpec("subtotal_price", FieldType.DECIMAL, "Items less discounts"), "subtotal_price"),
        Column(FieldSpec("total_discounts", FieldType.DECIMAL, "Discounts"), "total_discounts"),
        Column(FieldSpec("total_refunded", FieldType.DECIMAL, "What was paid back"), "total_refunded"),
        Column(FieldSpec("financial_status", FieldType.TEXT, "paid, pending, refunded and so on"), "financial_status"),
        Column(FieldSpec("fulfillment_status", FieldType.TEXT, "fulfilled, partial or empty"), "fulfillment_status"),
        Column(FieldSpec("item_count", FieldType.INTEGER, "How many pieces"), "item_count"),
        Column(FieldSpec("first_purchase", FieldType.BOOLEAN, "Whether it is the customer's first"), "first_purchase"),
        Column(FieldSpec("tags", FieldType.LIST, "The shop's tags"), "tags"),
        Column(
            FieldSpec("line_items", FieldType.LIST, "title, sku, quantity, price, product_id and variant_id of each"),
            "line_items",
            filterable=False,
        ),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was placed"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it last changed"), "updated_at"),
        Column(FieldSpec("cancelled_at", FieldType.INSTANT, "When it was cancelled", nullable=True), "cancelled_at"),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return ShopifyOrder.objects.all()

    def sample(self) -> dict[str, Any]:
        price = Decimal("24.50")
        return {
            "id": 7001,
            "shopify_id": 450789469,
            "name": "#1001",
            "email": "ada@example.com",
            "member_id": 42,
            "member_name": "Ada",
            "currency": "EUR",
            "total_price": Decimal("49.00"),
            "subtotal_price": Decimal("49.00"),
            "total_discounts": Decimal("0.00"),
            "total_refunded": Decimal("0.00"),
            "financial_status": "paid",
            "fulfillment_status": "",
            "item_count": 2,
            "first_purchase": True,
            "tags": ["gift"],
            "line_items": [
                {"title": "Mug", "sku": "MUG-1", "quantity": 2, "price": price, "product_id": 1, "variant_id": 2}
            ],
            "created_at": "2026-11-20T10:00:00Z",
            "updated_at": "2026-11-20T10:00:00Z",
            "cancelled_at": None,
        }
