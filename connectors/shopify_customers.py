"""Customers of the tenant's shops."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import MONTH, count, figure, newest, oldest, since
from connectors.commerce import orders, spent
from connectors.people import person
from decommerce.community.models import ShopifyCustomer

_last_order = newest(orders, "customer")


class ShopifyCustomers(TableConnector):
    """One row a customer."""

    name = "shopify_customers"
    noun = "customers"
    summary = "Shop customers with what they bought and the members they are"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The customer's number here"), "pk"),
        Column(FieldSpec("shopify_id", FieldType.INTEGER, "The customer's number at Shopify"), "shopify_id"),
        Column(FieldSpec("email", FieldType.TEXT, "E-mail address", nullable=True, personal=True), "email"),
        Column(FieldSpec("first_name", FieldType.TEXT, "First name", untrusted=True, personal=True), "first_name"),
        Column(FieldSpec("last_name", FieldType.TEXT, "Last name", untrusted=True, personal=True), "last_name"),
        *person("member", "The member they are", nullable=True),
        Column(FieldSpec("state", FieldType.TEXT, "enabled, disabled, invited or declined"), "state"),
        Column(FieldSpec("country", FieldType.TEXT, "ISO 3166 code, or empty", personal=True), "country"),
        Column(FieldSpec("tags", FieldType.LIST, "The shop's tags"), "tags"),
        Column(FieldSpec("accepts_marketing", FieldType.BOOLEAN, "Whether they take advertising"), "accepts_marketing"),
        Column(FieldSpec("orders_count", FieldType.INTEGER, "Orders ever, as Shopify counts"), "orders_count"),
        Column(FieldSpec("total_spent", FieldType.DECIMAL, "Spent ever, as Shopify counts"), "total_spent"),
        Column(FieldSpec("currency", FieldType.TEXT, "ISO 4217 code of that, or empty"), "currency"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When the account was made"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it last changed"), "updated_at"),
        figure("days_since_created", "Whole days since the account was made", since("created_at")),
        figure("orders_30d", "Orders in the last 30 days", count(orders, "customer", MONTH)),
        figure("spent_30d", "What those cost, less refunds", spent("customer", MONTH), FieldType.DECIMAL),
        figure("first_order_at", "The oldest order here", oldest(orders, "customer"), FieldType.INSTANT, nullable=True),
        figure("last_order_at", "The newest order here", _last_order, FieldType.INSTANT, nullable=True),
        figure("days_since_order", "Whole days since the newest order here", since(_last_order), nullable=True),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return ShopifyCustomer.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 4001,
            "shopify_id": 207119551,
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "member_id": 42,
            "member_name": "Ada",
            "member_email": "ada@example.com",
            "state": "enabled",
            "country": "CH",
            "tags": ["wholesale"],
            "accepts_marketing": True,
            "orders_count": 2,
            "total_spent": Decimal("98.00"),
            "currency": "EUR",
            "created_at": "2026-08-12T11:50:00Z",
            "updated_at": "2026-11-02T18:40:00Z",
            "days_since_created": 100,
            "orders_30d": 1,
            "spent_30d": Decimal("49.00"),
            "first_order_at": "2026-08-12T12:00:00Z",
            "last_order_at": "2026-11-02T18:40:00Z",
            "days_since_order": 18,
        }
