"""Products, customers and checkouts of a shop as a definition sees them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.shopify_checkouts import ShopifyCheckouts
from connectors.shopify_customers import ShopifyCustomers
from connectors.shopify_products import ShopifyProducts
from decommerce.community.models import ShopifyCheckout, ShopifyCustomer, ShopifyProduct
from tests.connectors.rows import CREATED, a_member, an_order
from tests.connectors.world import ago

pytestmark = pytest.mark.requirement("PIP-01")

PRICE = Decimal("49.00")


def a_customer(number: int, **fields) -> ShopifyCustomer:
    return ShopifyCustomer.objects.create(shopify_id=number, **{"created_at": CREATED, "updated_at": CREATED, **fields})


def a_product(number: int, **fields) -> ShopifyProduct:
    return ShopifyProduct.objects.create(
        shopify_id=number, **{"title": f"Product {number}", "created_at": CREATED, "updated_at": CREATED, **fields}
    )


def a_checkout(number: int, days: float, **fields) -> ShopifyCheckout:
    amounts = {"currency": "EUR", "total_price": PRICE, "subtotal_price": PRICE}
    times = {"created_at": ago(days), "updated_at": ago(days)}
    return ShopifyCheckout.objects.create(shopify_id=number, **{**amounts, **times, **fields})


def item(product: int | None, quantity: int, price: str) -> dict:
    return {"title": "T", "sku": "", "quantity": quantity, "price": Decimal(price), "product_id": product}


def test_what_was_sold_of_a_product_is_added_up_from_the_items_of_orders(scope, read):
    for number in (1, 2, 3):
        a_product(number)
    an_order(1, line_items=[item(1, 2, "24.50"), item(2, 1, "3.00"), item(1, 1, "20.10")], created_at=ago(2))
    an_order(2, line_items=[item(1, 1, "24.50"), item(None, 5, "1.00")], created_at=ago(9))
    an_order(3, line_items=[item(2, 7, "3.00")], created_at=ago(31))
    an_order(4, line_items=[item(3, 9, "9.00")], created_at=ago(1), cancelled_at=ago(1))
    an_order(5, line_items=[item(99, 9, "9.00")], created_at=ago(1))
    fields = ("units_sold_total", "units_sold_7d", "units_sold_30d", "orders_30d", "revenue_30d", "last_sold_at")
    rows = read(ShopifyProducts(), *fields, order_by=("id",))
    assert [tuple(row.values()) for row in rows] == [
        (4, 3, 4, 2, Decimal("93.60"), "2026-11-19T09:00:00Z"),
        (8, 1, 1, 1, Decimal("3.00"), "2026-11-19T09:00:00Z"),
        (0, 0, 0, 0, Decimal("0.00"), None),
    ]
    assert str(rows[0]["revenue_30d"]) == "93.60"
    [best] = read(ShopifyProducts(), "title", where={"units_sold_30d": {"gte": 2}}, order_by=("-units_sold_30d",))
    assert best == {"title": "Product 1"}


def test_a_product_reads_as_declared(scope, read):
    product = a_product(1, handle="mug", tags=["gift"], price_min=PRICE, inventory_quantity=-1, published_at=ago(81))
    [row] = read(ShopifyProducts())
    assert row["id"] == product.pk
    assert (row["handle"], row["tags"], row["price_min"], row["price_max"]) == ("mug", ["gift"], PRICE, None)
    assert (row["inventory_quantity"], row["days_since_published"], row["days_since_created"]) == (-1, 81, 1)


def test_a_customer_reads_with_their_orders_here(scope, read):
    member = a_member()
    customer = a_customer(1, email="Ada@example.com", member=member, first_name="Ada", tags=["vip"], orders_count=7)
    a_customer(2)
    an_order(1, customer=customer, total_price=Decimal("10.00"), total_refunded=Decimal("2.50"), created_at=ago(3.5))
    an_order(2, customer=customer, total_price=Decimal("20.00"), created_at=ago(40))
    an_order(3, customer=customer, total_price=Decimal("90.00"), created_at=ago(1), cancelled_at=ago(1))
    fields = ("first_name", "member_name", "tags", "orders_count", "orders_30d", "spent_30d", "first_order_at",
              "last_order_at", "days_since_order")  # fmt: skip
    rows = read(ShopifyCustomers(), *fields, order_by=("id",))
    times = ("2026-10-12T09:00:00Z", "2026-11-17T21:00:00Z", 3)
    assert tuple(rows[0].values()) == ("Ada", "Member 1", ["vip"], 7, 1, Decimal("7.50"), *times)
    assert tuple(rows[1].values()) == ("", None, [], 0, 0, Decimal("0.00"), None, None, None)


@pytest.mark.parametrize(
    ("checkout", "ordered", "abandoned"),
    [
        ({}, {}, True),
        ({"completed_at": ago(1)}, {}, False),
        ({}, {"customer": True, "created_at": ago(1)}, False),
        ({}, {"member": True, "created_at": ago(1)}, False),
        ({}, {"customer": True, "created_at": ago(3)}, True),
        ({}, {"created_at": ago(1)}, True),
    ],
)
def test_a_cart_is_abandoned_unless_it_was_paid_for_or_its_buyer_ordered_since(
    scope, read, checkout, ordered, abandoned
):
    buyer = {"member": a_member(), "customer": a_customer(1)}
    a_checkout(1, 2, **buyer, **checkout)
    an_order(1, **{name: buyer.get(name, value) for name, value in {"created_at": ago(9), **ordered}.items()})
    assert read(ShopifyCheckouts(), "abandoned") == [{"abandoned": abandoned}]


def test_a_cart_without_a_buyer_is_nobodys_order(scope, read):
    a_checkout(1, 2)
    an_order(1, created_at=ago(1))
    assert read(ShopifyCheckouts(), "abandoned") == [{"abandoned": True}]


def test_a_checkout_reads_as_declared(scope, read):
    member, customer = a_member(), a_customer(1, first_name="Ada")
    checkout = a_checkout(
        7, 1.26, member=member, customer=customer, email="ada@example.com", recovery_url="https://shop.example/7"
    )
    assert read(ShopifyCheckouts()) == [
        {
            "id": checkout.pk,
            "shopify_id": 7,
            "email": "ada@example.com",
            "first_name": "Ada",
            "member_id": member.pk,
            "member_name": "Member 1",
            "member_email": "member1@example.com",
            "currency": "EUR",
            "total_price": PRICE,
            "subtotal_price": PRICE,
            "total_discounts": Decimal("0.00"),
            "item_count": 0,
            "line_items": [],
            "recovery_url": "https://shop.example/7",
            "created_at": "2026-11-20T02:45:36Z",
            "updated_at": "2026-11-20T02:45:36Z",
            "completed_at": None,
            "abandoned": True,
            "hours_since_update": 30,
            "days_since_update": 1,
        }
    ]
