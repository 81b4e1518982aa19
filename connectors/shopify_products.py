"""Products of the tenant's shops."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, Field, QuerySet, Value
from django.db.models.functions import Coalesce

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldSpec, FieldType
from connectors.beside import MONTH, WEEK, Computed, figure, long_ago, looked_up, since
from decommerce.community.models import ShopifyProduct
from decommerce.community.models.money import MoneyField

# Worked out once a query for all products together: orders hold their items as JSON, which no index can reach here,
# since row level security looks at the tenant first.
_SALES = """
(SELECT jsonb_object_agg(product_id, found) FROM (
    SELECT item.product_id, %(what)s AS found
    FROM (SELECT %(expressions)s) AS asked (tenant_id, since)
    JOIN community_shopifyorder AS bought ON bought.tenant_id = asked.tenant_id AND bought.created_at >= asked.since
    CROSS JOIN LATERAL jsonb_to_recordset(bought.line_items)
        AS item (product_id bigint, quantity bigint, price numeric)
    WHERE bought.cancelled_at IS NULL AND item.product_id IS NOT NULL
    GROUP BY item.product_id
) AS sales)
"""


def _sold(what: str, kind: Field, days: int | None = None, nothing: Any = None) -> Computed:
    """An aggregate over the items of the orders that hold the product, of so many days."""

    def computed(context: ActionContext) -> Any:
        sold = looked_up(_SALES, context, "shopify_id", long_ago(context, days), cast=kind, what=what)
        return sold if nothing is None else Coalesce(sold, Value(nothing, kind))

    return computed


def _units(days: int | None = None) -> Computed:
    return _sold("sum(item.quantity)", BigIntegerField(), days, 0)


class ShopifyProducts(TableConnector):
    """One row a product. What was sold leaves cancelled orders out and takes no account of refunds."""

    name = "shopify_products"
    noun = "products"
    summary = "Shop products with prices, stock and what was sold of them"
    columns = (
        Column(FieldSpec("id", FieldType.INTEGER, "The product's number here"), "pk"),
        Column(FieldSpec("shopify_id", FieldType.INTEGER, "The product's number at Shopify"), "shopify_id"),
        Column(FieldSpec("title", FieldType.TEXT, "Title"), "title"),
        Column(FieldSpec("handle", FieldType.TEXT, "The name in the shop's addresses"), "handle"),
        Column(FieldSpec("vendor", FieldType.TEXT, "Who makes it"), "vendor"),
        Column(FieldSpec("product_type", FieldType.TEXT, "What kind of thing it is"), "product_type"),
        Column(FieldSpec("status", FieldType.TEXT, "active, draft, archived, or empty"), "status"),
        Column(FieldSpec("tags", FieldType.LIST, "The shop's tags"), "tags"),
        Column(FieldSpec("price_min", FieldType.DECIMAL, "Its cheapest variant", nullable=True), "price_min"),
        Column(FieldSpec("price_max", FieldType.DECIMAL, "Its dearest variant", nullable=True), "price_max"),
        Column(
            FieldSpec("inventory_quantity", FieldType.INTEGER, "Pieces in stock; less than 0 where oversold"),
            "inventory_quantity",
        ),
        Column(FieldSpec("published_at", FieldType.INSTANT, "When it went on sale", nullable=True), "published_at"),
        Column(FieldSpec("created_at", FieldType.INSTANT, "When it was made"), "created_at"),
        Column(FieldSpec("updated_at", FieldType.INSTANT, "When it last changed"), "updated_at"),
        figure("days_since_created", "Whole days since it was made", since("created_at")),
        figure("days_since_published", "Whole days since it went on sale", since("published_at"), nullable=True),
        figure("units_sold_total", "Pieces sold", _units()),
        figure("units_sold_7d", "Pieces sold in the last 7 days", _units(WEEK)),
        figure("units_sold_30d", "Pieces sold in the last 30 days", _units(MONTH)),
        figure(
            "orders_30d",
            "Orders of the last 30 days with it",
            _sold("count(DISTINCT bought.id)", BigIntegerField(), MONTH, 0),
        ),
        figure(
            "revenue_30d",
            "What those pieces cost, before discounts",
            _sold("sum(item.quantity * item.price)", MoneyField(), MONTH, Decimal("0.00")),
            FieldType.DECIMAL,
        ),
        figure(
            "last_sold_at",
            "When it was last ordered",
            _sold("max(bought.created_at)", DateTimeField()),
            FieldType.INSTANT,
            nullable=True,
        ),
    )

    def queryset(self, context: ActionContext) -> QuerySet:
        return ShopifyProduct.objects.all()

    def sample(self) -> dict[str, Any]:
        return {
            "id": 2001,
            "shopify_id": 632910392,
            "title": "Mug",
            "handle": "mug",
            "vendor": "Nordlicht",
            "product_type": "Cups",
            "status": "active",
            "tags": ["gift"],
            "price_min": Decimal("24.50"),
            "price_max": Decimal("29.00"),
            "inventory_quantity": 31,
            "published_at": "2026-09-01T09:00:00Z",
            "created_at": "2026-08-28T09:00:00Z",
            "updated_at": "2026-11-20T10:00:00Z",
            "days_since_created": 85,
            "days_since_published": 81,
            "units_sold_total": 96,
            "units_sold_7d": 5,
            "units_sold_30d": 18,
            "orders_30d": 11,
            "revenue_30d": Decimal("441.00"),
            "last_sold_at": "2026-11-20T10:00:00Z",
        }
