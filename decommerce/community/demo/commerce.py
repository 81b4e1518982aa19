"""The shop of a demo community, in the form that Shopify's own webhooks have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from decommerce.community.demo.theme import Theme
from decommerce.community.models import Member

ORDERS = 70
CHECKOUTS = 12
FIRST_PRODUCT = 8_100_000_001
FIRST_CUSTOMER = 7_100_000_001
FIRST_ORDER = 5_100_000_001
FIRST_CHECKOUT = 3_100_000_001
NOTHING = Decimal("0.00")
STATES = ("paid", "paid", "paid", "paid", "authorized", "pending")


def make_products(theme: Theme, random: Random, now: datetime) -> list[dict[str, Any]]:
    """The products of the theme."""
    return [
        {
            "id": FIRST_PRODUCT + index,
            "title": title,
            "handle": title.lower().replace(",", "").replace(" ", "-"),
            "vendor": theme.name,
            "product_type": "Club",
            "status": "active",
            "tags": "demo",
            "created_at": _text(now - timedelta(days=400)),
            "variants": [{"price": price, "inventory_quantity": random.randint(0, 120)}],
        }
        for index, (title, price) in enumerate(theme.products)
    ]


def make_customers(members: Sequence[Member], random: Random) -> list[dict[str, Any]]:
    """Half of the members buy, and a few people who are not members."""
    buyers = random.sample(list(members), len(members) // 2)
    people = [(member.display_name, member.email, member.country) for member in buyers]
    people += [(f"Guest {number}", f"guest{number}@mail.example", "DE") for number in range(1, 9)]
    return [
        {
            "id": FIRST_CUSTOMER + index,
            "email": email,
            "first_name": name.split()[0],
            "last_name": name.split()[-1],
            "state": "enabled",
            "accepts_marketing": random.random() < 0.6,
            "default_address": {"country_code": country},
            "created_at": "2025-01-10T09:00:00+00:00",
        }
        for index, (name, email, country) in enumerate(people)
    ]


def make_orders(
    theme: Theme, customers: Sequence[Mapping[str, Any]], random: Random, now: datetime
) -> list[dict[str, Any]]:
    """Orders of the last months."""
    times = sorted(now - timedelta(minutes=random.randint(60, 120 * 24 * 60)) for _ in range(ORDERS))
    return [
        {
            **_purchase(theme, FIRST_ORDER + index, random.choice(customers), random, moment),
            "name": f"#{1001 + index}",
            "financial_status": random.choice(STATES),
            "fulfillment_status": "fulfilled" if now - moment > timedelta(days=5) else None,
        }
        for index, moment in enumerate(times)
    ]


def make_checkouts(
    theme: Theme, customers: Sequence[Mapping[str, Any]], random: Random, now: datetime
) -> list[dict[str, Any]]:
    """Carts that were left behind in the last days."""
    return [
        {
            **_purchase(theme, number, random.choice(customers), random, now - timedelta(hours=random.randint(2, 90))),
            "token": f"demo{number}",
            "abandoned_checkout_url": f"https://{theme.shop}/checkouts/demo{number}/recover",
        }
        for number in range(FIRST_CHECKOUT, FIRST_CHECKOUT + CHECKOUTS)
    ]


def _purchase(
    theme: Theme, number: int, customer: Mapping[str, Any], random: Random, moment: datetime
) -> dict[str, Any]:
    chosen = random.sample(range(len(theme.products)), random.randint(1, 3))
    lines = [
        {
            "title": theme.products[index][0],
            "sku": f"{theme.slug.upper()}-{index + 1:02}",
            "quantity": random.choice((1, 1, 1, 2, 3)),
            "price": theme.products[index][1],
            "product_id": FIRST_PRODUCT + index,
        }
        for index in chosen
    ]
    total = sum(Decimal(line["price"]) * line["quantity"] for line in lines)
    return {
        "id": number,
        "email": customer["email"],
        "customer": customer,
        "currency": theme.currency,
        "subtotal_price": str(total),
        "total_price": str(total),
        "total_discounts": "0.00",
        "line_items": lines,
        "created_at": _text(moment),
    }


def total_of(order: Mapping[str, Any]) -> Decimal:
    """What an order costs."""
    return Decimal(order["total_price"])


def _text(moment: datetime) -> str:
    return moment.isoformat()
