"""A shop beside the stage, which delivers signed webhooks in Shopify's own shapes."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from decommerce.community.models import Shop
from decommerce.community.shopify.intake import Delivery, take_in
from decommerce.community.shopify.shops import connect_shop
from decommerce.community.shopify.signature import sign
from tests.decommerce.community.shopify.connected_shop import ORDER, REFUND
from tests.starters.stage import Stage


class StageShop:
    """Orders of 20.00 each piece, refunds and carts, as they are reported."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._number = 1_000
        with stage.community():
            self._secret = connect_shop("acme.myshopify.example").webhook_secret
            self._shop = Shop.objects.get()

    def order(self, email: str | None, total: str, *topics: str, **fields: Any) -> dict[str, Any]:
        """A new order, reported under these topics (`orders/paid` if none are named)."""
        self._number += 1
        now = datetime.now(UTC).isoformat()
        order = {
            **deepcopy(ORDER),
            "id": self._number,
            "name": f"#{self._number}",
            "email": email,
            "customer": None,
            "total_price": total,
            "subtotal_price": total,
            "created_at": now,
            "updated_at": now,
            **fields,
        }
        for topic in topics or ("orders/paid",):
            self.report(topic, order)
        return order

    def refund(self, order: dict[str, Any], amount: str) -> None:
        """Money goes back."""
        transaction = {"kind": "refund", "status": "success", "amount": amount, "currency": order["currency"]}
        now = datetime.now(UTC).isoformat()
        self.report(
            "refunds/create",
            {
                **REFUND,
                "id": order["id"] + 1,
                "order_id": order["id"],
                "created_at": now,
                "transactions": [transaction],
            },
        )

    def cart(self, email: str | None, total: str, age: timedelta) -> dict[str, Any]:
        """A cart that was last touched so long ago."""
        self._number += 1
        touched = (datetime.now(UTC) - age).isoformat()
        cart = {
            **deepcopy(ORDER),
            "id": self._number,
            "token": f"token-{self._number}",
            "email": email,
            "customer": None,
            "total_price": total,
            "subtotal_price": total,
            "created_at": touched,
            "updated_at": touched,
            "abandoned_checkout_url": f"https://shop.example/carts/{self._number}",
        }
        self.report("checkouts/create", cart)
        return cart

    def report(self, topic: str, payload: dict[str, Any]) -> None:
        """Deliver a webhook as the shop does."""
        body = json.dumps(payload).encode()
        delivery = Delivery(topic, f"{topic}:{payload['id']}", sign(self._secret, body), body)
        with self.stage.community():
            assert take_in(self._shop, delivery) == "accepted"
