"""Orders of the tenant's shops."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, Func, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since
from connectors.commerce import AMOUNTS, BUYER, PURCHASE, orders
from decommerce.community.models import ShopifyOrder


def _orders_of_the_buyer(context: ActionContext) -> Case:
    counted = Func(template="COUNT(*)", output_field=IntegerField())
    theirs = orders().filter(customer=OuterRef("customer")).annotate(counted=counted).values("counted")
    return Case(When(customer__isnull=False, then=Subquery(theirs)), default=Value(1))


class ShopifyOrders(TableConnector):
    """One row an order. Amounts are exact decimals in the order's own currency."""

    name = "shopify_orders"
    noun = "orders"
    summary = "Shop orders with amounts, status, items and the member who ordered"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The order's number here"), "pk"),
        Column(FieldSpec("shopify_id", FieldType.INTEGER, "The order's number at Shopify"), "shopify_id"),
        Column(FieldSpec("name", FieldType.TEXT, "What the customer sees, like #1001"), "name"),
        *BUYER,
        *AMOUNTS,
        Column(FieldSpec("total_refunded", FieldType.DECIMAL, "What was paid back"), "total_refunded"),
        Column(FieldSpec("financial_status", FieldType.TEXT, "paid, pending, refunded and so on"), "financial_status"),
        Column(FieldSpec("fulfillment_status", FieldType.TEXT, "fulfilled, partial or empty"), "fulfillment_status"),
        Column(FieldSpec("first_purchase", FieldType.BOOLEAN, "Whether it is the customer's first"), "first_purchase"),
        Column(FieldSpec("tags", FieldType.LIST, "The shop's tags"), "tags"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was placed"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it last changed"), "updated_at"),
        Column(FieldSpec("cancelled_at", FieldType.INSTANT, "When it was cancelled", nullable=True), "cancelled_at"),
        figure("days_since_created", "Whole days since it was placed", since("created_at")),
        figure("hours_since_created", "Whole hours since it was placed", since("created_at", "hours")),
        figure("days_since_updated", "Whole days since it last changed", since("updated_at")),
        figure(
            "orders_count", "Orders of this buyer so far, this one included, cancelled ones apart", _orders_of_the_buyer
        ),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return ShopifyOrder.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 7001,
            "shopify_id": 450789469,
            "name": "#1001",
            **PURCHASE,
            "total_refunded": Decimal("0.00"),
            "financial_status": "paid",
            "fulfillment_status": "",
            "first_purchase": True,
            "tags": ["gift"],
            "created_at": "2026-11-20T10:00:00Z",
            "updated_at": "2026-11-20T10:00:00Z",
            "cancelled_at": None,
            "days_since_created": 0,
            "hours_since_created": 23,
            "days_since_updated": 0,
            "orders_count": 1,
        }
