"""Keeping what a shop tells: one table says how each kind of resource is read, stored and announced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decommerce.community.insertion import insert_new
from decommerce.community.models import Shop, ShopifyOrder
from decommerce.community.outbox import NewEvent, emit_many, instant
from decommerce.community.services.members import members_by_email, persons
from decommerce.community.shopify import checkouts, customers, orders, products
from decommerce.community.shopify.refunds import settle_earlier_refunds
from decommerce.community.shopify.resource import Resource, ResourceRefused
from decommerce.community.upsert import Upserted, upsert


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource. `buyer`: it has an e-mail address to match a member by; `customer`: it names a customer."""

    name: str
    read: Callable[[Resource], Any]
    fields: tuple[str, ...]
    payload: Callable[[Any], dict[str, Any]]
    buyer: bool = True
    customer: bool = False


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("order", orders.read_order, orders.FIELDS, orders.order_payload, customer=True),
        Kind("checkout", checkouts.read_checkout, checkouts.FIELDS, checkouts.checkout_payload, customer=True),
        Kind("customer", customers.read_customer, customers.FIELDS, customers.customer_payload),
        Kind("product", products.read_product, products.FIELDS, products.product_payload, buyer=False),
    )
}


def record(
    kind: Kind, payloads: Sequence[Any], shop: Shop | None = None, *, announce_refunds: bool = True
) -> Upserted[Any]:
    """Keep resources of one kind; raises ResourceRefused before anything is written.

    An older version never replaces a newer one. Members are matched by e-mail address, however it is written.
    """
    resources = [Resource(payload, kind.name) for payload in payloads]
    rows = [kind.read(resource) for resource in resources]
    for row in rows:
        row.shop = shop
    if kind.buyer:
        _match_members(rows)
    if kind.customer:
        _match_customers(rows, resources)
    result = upsert(rows, "shopify_id", kind.fields, newer="updated_at")
    new_orders = [row for row in result.created if isinstance(row, ShopifyOrder)]
    orders.mark_first_purchases(new_orders)
    settle_earlier_refunds(new_orders, announce=announce_refunds)
    return result


def announce(kind: Kind, event: str, rows: Sequence[Any]) -> None:
    """Say on what a shop told of these stored rows; an event of the same version is the same event."""
    people = persons(row.member_id for row in rows) if kind.buyer else {}
    emit_many([NewEvent(event, _data(kind, row, people), f"{kind.name}/{row.pk}", _key(event, row)) for row in rows])


def _data(kind: Kind, row: Any, people: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {kind.name: kind.payload(row)}
    return {**data, "member": people.get(row.member_id)} if kind.buyer else data


def _key(event: str, row: Any) -> str:
    version = f":{instant(row.updated_at)}" if event.endswith(".updated") else ""
    return f"{event}:{row.shopify_id}{version}"


def _match_members(rows: Sequence[Any]) -> None:
    members = members_by_email(row.email for row in rows)
    for row in rows:
        row.member_id = members.get(row.email.lower()) if row.email else None


def _match_customers(rows: Sequence[Any], resources: Sequence[Resource]) -> None:
    """Link the customer that an order names, and keep those who are heard of for the first time."""
    named = [_named_customer(resource, row) for resource, row in zip(resources, rows, strict=True)]
    fresh = {customer.shopify_id: customer for customer in named if customer is not None}
    known = customers.customer_ids(list(fresh))
    missing = [customer for shopify_id, customer in fresh.items() if shopify_id not in known]
    if missing:
        _match_members(missing)
        insert_new(missing)
        known = customers.customer_ids(list(fresh))
    for row, customer in zip(rows, named, strict=True):
        row.customer_id = known.get(customer.shopify_id) if customer is not None else None


def _named_customer(resource: Resource, row: Any) -> Any:
    child = resource.child("customer")
    if child is None:
        return None
    # Newer versions of Shopify's API name little more than the number of the customer here.
    payload = {**child.payload, "created_at": child.payload.get("created_at") or instant(row.created_at)}
    return customers.read_customer(Resource(payload, child.path))


__all__ = ["KINDS", "Kind", "ResourceRefused", "announce", "record"]
