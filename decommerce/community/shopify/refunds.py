"""Refunds, and what they take from their orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from decommerce.community.insertion import insert_new
from decommerce.community.models import ShopifyOrder, ShopifyRefund
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons
from decommerce.community.shopify.orders import order_payload
from decommerce.community.shopify.resource import Resource


def read_refund(resource: Resource) -> ShopifyRefund:
    """A refund as Shopify tells of it: the sum of its successful transactions. Raises ResourceRefused."""
    paid_back = [
        transaction
        for transaction in resource.children("transactions")
        if transaction.text("kind", 16) == "refund" and transaction.text("status", 16) == "success"
    ]
    return ShopifyRefund(
        shopify_id=resource.identifier(),
        order_shopify_id=resource.identifier("order_id"),
        amount=sum((transaction.money("amount") for transaction in paid_back), Decimal("0.00")),
        currency=paid_back[0].text("currency", 3) if paid_back else "",
        note=resource.text("note", 5000),
        created_at=resource.instant("created_at"),
    )


def record_refunds(refunds: Sequence[ShopifyRefund], *, announce: bool = True) -> list[ShopifyRefund]:
    """Keep refunds and settle their orders; returns those that are new.

    A refund whose order is not known yet is settled when the order comes.
    """
    inserted = insert_new(refunds)
    new = [refund for refund in refunds if refund.pk in inserted]
    settle(new, announce=announce)
    return new


def settle_earlier_refunds(orders: Sequence[ShopifyOrder], *, announce: bool = True) -> None:
    """Settle the refunds that came before these new orders."""
    wanted = [order.shopify_id for order in orders]
    settle(list(ShopifyRefund.objects.filter(order_shopify_id__in=wanted).order_by("pk")), announce=announce)


def settle(refunds: Sequence[ShopifyRefund], *, announce: bool) -> None:
    """Bring the orders' `total_refunded` up to date; emits order.refunded for each refund of a known order."""
    wanted = {refund.order_shopify_id for refund in refunds}
    if not wanted:
        return
    rows = ShopifyOrder.objects.filter(shopify_id__in=wanted).select_for_update().order_by("pk")
    orders = {order.shopify_id: order for order in rows}
    sums = ShopifyRefund.objects.filter(order_shopify_id__in=orders).values("order_shopify_id")
    for order_id, total in sums.annotate(total=Sum("amount")).values_list("order_shopify_id", "total"):
        orders[order_id].total_refunded = total
    if orders:
        ShopifyOrder.objects.bulk_update(orders.values(), ["total_refunded"])
    if announce:
        _announce([refund for refund in refunds if refund.order_shopify_id in orders], orders)


def _announce(refunds: Sequence[ShopifyRefund], orders: dict[int, ShopifyOrder]) -> None:
    people = persons(order.member_id for order in orders.values())
    emit_many(
        [
            NewEvent(
                "order.refunded",
                {
                    "order": order_payload(order),
                    "refund": _payload(refund, order),
                    "member": people.get(order.member_id),
                },
                f"order/{order.pk}",
                f"order.refunded:{refund.shopify_id}",
            )
            for refund in refunds
            for order in [orders[refund.order_shopify_id]]
        ]
    )


def _payload(refund: ShopifyRefund, order: ShopifyOrder) -> dict[str, Any]:
    return {
        "id": refund.pk,
        "shopify_id": refund.shopify_id,
        "amount": refund.amount,
        "currency": refund.currency or order.currency,
        "note": refund.note,
    }
