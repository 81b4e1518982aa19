"""Shop orders as a definition sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.shopify_orders import ShopifyOrders
from decommerce.community.models import ShopifyCustomer
from tests.connectors.rows import CREATED, a_member, an_order
from tests.connectors.world import ago

pytestmark = pytest.mark.requirement("PIP-01")


def a_customer(number: int, **fields) -> ShopifyCustomer:
    return ShopifyCustomer.objects.create(shopify_id=number, created_at=CREATED, updated_at=CREATED, **fields)


ORDERED = {
    "email": "ada@example.com",
    "total_price": Decimal("49.00"),
    "total_discounts": Decimal("0.10"),
    "financial_status": "paid",
    "item_count": 2,
    "first_purchase": True,
    "tags": ["gift"],
    "line_items": [{"title": "Mug", "quantity": 2, "price": Decimal("24.50")}],
}


def test_an_order_reads_as_declared_with_exact_amounts(scope, read):
    member, customer = a_member(), a_customer(1, first_name="Ada")
    order = an_order(450789469, member=member, customer=customer, **ORDERED)
    [row] = read(ShopifyOrders())
    assert row == {
        **ORDERED,
        "id": order.pk,
        "shopify_id": 450789469,
        "name": "#450789469",
        "first_name": "Ada",
        "member_id": member.pk,
        "member_name": "Member 1",
        "member_email": "member1@example.com",
        "currency": "EUR",
        "subtotal_price": Decimal("49.00"),
        "total_refunded": Decimal("0.00"),
        "fulfillment_status": "",
        "created_at": "2026-11-20T08:15:00Z",
        "updated_at": "2026-11-20T08:15:00Z",
        "cancelled_at": None,
        "days_since_created": 1,
        "hours_since_created": 24,
        "days_since_updated": 1,
        "orders_count": 1,
    }
    assert str(row["total_price"]) == "49.00"


def test_the_buyers_orders_are_counted(scope, read):
    ada, bob = a_customer(1), a_customer(2)
    an_order(1, customer=ada)
    an_order(2, customer=ada, cancelled_at=ago(1))
    an_order(3, customer=ada)
    an_order(4, customer=bob)
    an_order(5)
    rows = read(ShopifyOrders(), "shopify_id", "orders_count")
    assert {row["shopify_id"]: row["orders_count"] for row in rows} == {1: 2, 2: 2, 3: 2, 4: 1, 5: 1}
