"""Events of the shop, normalised from Shopify's webhooks (TRG-09). Money is an exact number, in `currency`."""

from __future__ import annotations

from decimal import Decimal

from decommerce.community.event_catalogue.event import PlatformEvent
from decommerce.community.event_catalogue.people import PERSON, PERSON_SAMPLE
from decommerce.community.event_catalogue.schemas import (
    BOOLEAN,
    COUNT,
    ID,
    INSTANT,
    INTEGER,
    MONEY,
    OPTIONAL_ID,
    OPTIONAL_INSTANT,
    OPTIONAL_MONEY,
    OPTIONAL_TEXT,
    TEXT,
    WORDS,
    Schema,
    optional,
    record,
    records,
)

LINE = record(title=TEXT, sku=TEXT, quantity=COUNT, price=MONEY, product_id=OPTIONAL_ID, variant_id=OPTIONAL_ID)
LINE_SAMPLE = {
    "title": "Trail mug",
    "sku": "MUG-04",
    "quantity": 2,
    "price": Decimal("24.50"),
    "product_id": 632910392,
    "variant_id": 39072856,
}
PURCHASE: dict[str, Schema] = {
    "id": ID,
    "shopify_id": ID,
    "email": OPTIONAL_TEXT,
    "member_id": OPTIONAL_ID,
    "total_price": MONEY,
    "subtotal_price": MONEY,
    "total_discounts": MONEY,
    "currency": TEXT,
    "item_count": COUNT,
    "line_items": records(LINE),
    "created_at": INSTANT,
}
PURCHASE_SAMPLE = {
    "id": 17,
    "shopify_id": 450789469,
    "email": "mira@example.org",
    "member_id": 31,
    "total_price": Decimal("49.00"),
    "subtotal_price": Decimal("49.00"),
    "total_discounts": Decimal("0.00"),
    "currency": "EUR",
    "item_count": 2,
    "line_items": [LINE_SAMPLE],
    "created_at": "2026-11-21T09:00:00Z",
}
ORDER = record(
    **PURCHASE,
    name=TEXT,
    financial_status=TEXT,
    fulfillment_status=TEXT,
    total_refunded=MONEY,
    first_purchase=BOOLEAN,
    cancelled_at=OPTIONAL_INSTANT,
)
ORDER_SAMPLE = {
    **PURCHASE_SAMPLE,
    "name": "#1001",
    "financial_status": "paid",
    "fulfillment_status": "",
    "total_refunded": Decimal("0.00"),
    "first_purchase": True,
    "cancelled_at": None,
}
CHECKOUT = record(**PURCHASE, recovery_url=TEXT, completed_at=OPTIONAL_INSTANT)
CHECKOUT_SAMPLE = {
    **PURCHASE_SAMPLE,
    "recovery_url": "https://shop.example/checkouts/2a1ace/recover",
    "completed_at": None,
}
PRODUCT = record(
    id=ID,
    shopify_id=ID,
    title=TEXT,
    handle=TEXT,
    vendor=TEXT,
    product_type=TEXT,
    status=TEXT,
    tags=WORDS,
    price_min=OPTIONAL_MONEY,
    price_max=OPTIONAL_MONEY,
    inventory_quantity=INTEGER,
)
PRODUCT_SAMPLE = {
    "id": 6,
    "shopify_id": 632910392,
    "title": "Trail mug",
    "handle": "trail-mug",
    "vendor": "Acme",
    "product_type": "Mugs",
    "status": "active",
    "tags": ["camp"],
    "price_min": Decimal("24.50"),
    "price_max": Decimal("29.00"),
    "inventory_quantity": 40,
}
CUSTOMER = record(
    id=ID,
    shopify_id=ID,
    email=OPTIONAL_TEXT,
    member_id=OPTIONAL_ID,
    first_name=TEXT,
    last_name=TEXT,
    country=TEXT,
    orders_count=COUNT,
    total_spent=MONEY,
    currency=TEXT,
)
CUSTOMER_SAMPLE = {
    "id": 8,
    "shopify_id": 207119551,
    "email": "mira@example.org",
    "member_id": 31,
    "first_name": "Mira",
    "last_name": "Sand",
    "country": "CH",
    "orders_count": 1,
    "total_spent": Decimal("49.00"),
    "currency": "EUR",
}
BUYER = ("member.display_name",)


def _order_event(name: str, summary: str) -> PlatformEvent:
    payload = record(order=ORDER, member=optional(PERSON))
    return PlatformEvent(name, summary, payload, {"order": ORDER_SAMPLE, "member": PERSON_SAMPLE}, BUYER)


def _checkout_event(name: str, summary: str) -> PlatformEvent:
    payload = record(checkout=CHECKOUT, member=optional(PERSON))
    return PlatformEvent(name, summary, payload, {"checkout": CHECKOUT_SAMPLE, "member": PERSON_SAMPLE}, BUYER)


def _product_event(name: str, summary: str) -> PlatformEvent:
    return PlatformEvent(name, summary, record(product=PRODUCT), {"product": PRODUCT_SAMPLE})


COMMERCE_EVENTS = (
    _order_event("order.created", "an order comes in"),
    _order_event("order.updated", "an order changes"),
    _order_event("order.paid", "an order is paid"),
    _order_event("order.fulfilled", "an order is sent out"),
    PlatformEvent(
        "order.refunded",
        "an order is refunded, in part or whole",
        record(
            order=ORDER,
            refund=record(id=ID, shopify_id=ID, amount=MONEY, currency=TEXT, note=TEXT),
            member=optional(PERSON),
        ),
        {
            "order": {**ORDER_SAMPLE, "financial_status": "refunded", "total_refunded": Decimal("49.00")},
            "refund": {
                "id": 3,
                "shopify_id": 509562969,
                "amount": Decimal("49.00"),
                "currency": "EUR",
                "note": "Broke during shipping",
            },
            "member": PERSON_SAMPLE,
        },
        (*BUYER, "refund.note"),
    ),
    _product_event("product.created", "the shop gets a new product"),
    _product_event("product.updated", "a product of the shop changes"),
    PlatformEvent(
        "customer.created",
        "the shop gets a new customer",
        record(customer=CUSTOMER, member=optional(PERSON)),
        {"customer": CUSTOMER_SAMPLE, "member": PERSON_SAMPLE},
        ("customer.first_name", "customer.last_name", *BUYER),
    ),
    _checkout_event("checkout.created", "a customer starts a checkout"),
    _checkout_event("checkout.updated", "a customer's checkout changes"),
)
