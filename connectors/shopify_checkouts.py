"""Carts on their way to the till, and those that were left behind."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import figure, since
from connectors.commerce import AMOUNTS, BUYER, PURCHASE
from decommerce.community.models import ShopifyCheckout, ShopifyOrder


def _abandoned(context: ActionContext) -> ExpressionWrapper:
    """Whoever ordered since, by another way, need not be reminded."""
    since_then = ShopifyOrder.objects.filter(created_at__gte=OuterRef("created_at"))
    ordered = Exists(since_then.filter(customer=OuterRef("customer"))) | Exists(
        since_then.filter(member=OuterRef("member"))
    )
    return ExpressionWrapper(Q(completed_at=None) & ~ordered, output_field=BooleanField())


class ShopifyCheckouts(TableConnector):
    """One row a checkout. Amounts are exact decimals in the checkout's own currency."""

    name = "shopify_checkouts"
    noun = "checkouts"
    summary = "Carts with amounts, items, who filled them, whether they were left behind and how to get back to them"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The checkout's number here"), "pk"),
        Column(FieldSpec("shopify_id", FieldType.INTEGER, "The checkout's number at Shopify"), "shopify_id"),
        *BUYER,
        *AMOUNTS,
        Column(FieldSpec("recovery_url", FieldType.TEXT, "Where the buyer finds the cart again"), "recovery_url"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it began"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it last changed"), "updated_at"),
        Column(FieldSpec("completed_at", FieldType.INSTANT, "When it was paid for", nullable=True), "completed_at"),
        figure(
            "abandoned",
            "Neither paid for, nor has the buyer ordered anything since it began",
            _abandoned,
            FieldType.BOOLEAN,
        ),
        figure("hours_since_update", "Whole hours since it last changed", since("updated_at", "hours")),
        figure("days_since_update", "Whole days since it last changed", since("updated_at")),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return ShopifyCheckout.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 6001,
            "shopify_id": 450789470,
            **PURCHASE,
            "recovery_url": "https://shop.example/checkouts/1/recover",
            "created_at": "2026-11-20T10:00:00Z",
            "updated_at": "2026-11-20T10:05:00Z",
            "completed_at": None,
            "abandoned": True,
            "hours_since_update": 22,
            "days_since_update": 0,
        }
