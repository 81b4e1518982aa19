"""Shop orders as a definition sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.shopify_orders import ShopifyOrders
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import CREATED, a_member, an_order

pytestmark = pytest.mark.requirement("PIP-01")


def test_an_order_reads_as_declared_with_exact_amounts(scope, read):
    member = a_member()
    items = [{"title": "Mug", "quantity": 2, "price": Decimal("24.50")}]
    order = an_order(
        450789469,
        member=member,
        email="ada@example.com",
        total_price=Decimal("49.00"),
        total_discounts=Decimal("0.10"),
        financial_status="paid",
        item_count=2,
        first_purchase=True,
        tags=["gift"],
        line_items=items,
    )
    [row] = read(ShopifyOrders())
    assert row == {
        "id": order.pk,
        "shopify_id": 450789469,
        "name": "#450789469",
        "email": "ada@example.com",
        "member_id": member.pk,
        "member_name": "Member 1",
        "currency": "EUR",
        "total_price": Decimal("49.00"),
        "subtotal_price": Decimal("49.00"),
        "total_discounts": Decimal("0.10"),
        "total_refunded": Decimal("0.00"),
        "financial_status": "paid",
        "fulfillment_status": "",
        "item_count": 2,
        "first_purchase": True,
        "tags": ["gift"],
        "line_items": items,
        "created_at": CREATED,
        "updated_at": CREATED,
        "cancelled_at": None,
    }
    assert str(row["total_price"]) == "49.00"


@pytest.mark.requirement("SEC-01")
def test_another_tenants_orders_are_not_read(tenant, other_tenant, read):
    with tenant_scope(other_tenant.pk):
        an_order()
    with tenant_scope(tenant.pk):
        assert read(ShopifyOrders()) == []
