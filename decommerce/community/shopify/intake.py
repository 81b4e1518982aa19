"""Taking a shop's delivery in: believed or not, new or known, kept and said on, in one commit (TRG-09)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from decommerce.community import exact_json
from decommerce.community.insertion import insert_new
from decommerce.community.models import DeliveryOutcome, Shop, ShopDelivery
from decommerce.community.shopify.records import KINDS, announce, record
from decommerce.community.shopify.refunds import read_refund, record_refunds
from decommerce.community.shopify.resource import Resource, ResourceRefused
from decommerce.community.shopify.signature import is_signed
from decommerce.tenancy.errors import PlatformError

MAX_TOPIC = 64
MAX_EVENT_ID = 128


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic means: the kind of its resource, and the event it is said on as, if any."""

    kind: str
    event: str | None


TOPICS: Mapping[str, Topic] = {
    "orders/create": Topic("order", "order.created"),
    "orders/updated": Topic("order", "order.updated"),
    "orders/paid": Topic("order", "order.paid"),
    "orders/fulfilled": Topic("order", "order.fulfilled"),
    "orders/cancelled": Topic("order", None),
    "products/create": Topic("product", "product.created"),
    "products/update": Topic("product", "product.updated"),
    "customers/create": Topic("customer", "customer.created"),
    "customers/update": Topic("customer", None),
    "checkouts/create": Topic("checkout", "checkout.created"),
    "checkouts/update": Topic("checkout", "checkout.updated"),
}
REFUNDS = "refunds/create"


class DeliveryRefused(PlatformError):
    """A delivery that is not believed or not understood."""

    code = "delivery_refused"


class SignatureRefused(DeliveryRefused):
    """The signature is missing or wrong."""

    code = "signature_refused"
    status = 401


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived. Only `body` is signed; the headers are believed because the address is secret."""

    topic: str
    event_id: str
    signature: str
    body: bytes


def take_in(shop: Shop, delivery: Delivery) -> str:
    """Take a delivery in; returns accepted, ignored, stale or duplicate. Needs the scope of the shop's tenant.

    Raises SignatureRefused, DeliveryRefused or ResourceRefused; whoever catches it has the refusal recorded.
    """
    if not is_signed(shop.webhook_secret, delivery.body, delivery.signature):
        raise SignatureRefused("The signature is not this shop's.", hint="Check the webhook secret of the shop.")
    payload = _payload(delivery.body)
    row = ShopDelivery(
        shop=shop,
        topic=delivery.topic[:MAX_TOPIC],
        event_id=_event_id(delivery),
        outcome=DeliveryOutcome.ACCEPTED,
    )
    if not insert_new([row]):
        return "duplicate"
    outcome = _keep(shop, delivery.topic, payload)
    if outcome != DeliveryOutcome.ACCEPTED:
        ShopDelivery.objects.filter(pk=row.pk).update(outcome=outcome)
    return str(outcome)


def record_refusal(shop: Shop, topic: str, reason: str) -> None:
    """Count a refusal: one row for each hour and reason, however many there are."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    row = ShopDelivery(
        shop=shop,
        topic=exact_json.storable(topic)[:MAX_TOPIC],
        outcome=DeliveryOutcome.REFUSED,
        reason=reason,
        received_at=hour,
    )
    if not insert_new([row]):
        known = ShopDelivery.objects.filter(shop=shop, outcome=DeliveryOutcome.REFUSED, reason=reason)
        known.filter(received_at=hour).update(count=F("count") + 1)


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = exact_json.storable(exact_json.loads(body))
    except ValueError as error:
        raise DeliveryRefused("The body is not JSON.", code="body_not_json", hint="Send UTF-8 JSON.") from error
    if not isinstance(payload, dict):
        raise DeliveryRefused("The body must be a JSON object.", code="body_not_object")
    return payload


def _event_id(delivery: Delivery) -> str:
    """Shopify's own id of the event; a digest stands in for one that is missing or too long."""
    if 0 < len(delivery.event_id) <= MAX_EVENT_ID:
        return str(exact_json.storable(delivery.event_id))
    return f"sha256:{hashlib.sha256(delivery.event_id.encode(errors='replace') + delivery.body).hexdigest()}"


def _keep(shop: Shop, name: str, payload: dict[str, Any]) -> DeliveryOutcome:
    if name == REFUNDS:
        record_refunds([read_refund(Resource(payload, "refund"))])
        return DeliveryOutcome.ACCEPTED
    topic = TOPICS.get(name)
    if topic is None:
        return DeliveryOutcome.IGNORED
    kind = KINDS[topic.kind]
    result = record(kind, [payload], shop)
    if topic.event is not None and not (result.stale and topic.event.endswith(".updated")):
        announce(kind, topic.event, list(result.stored.values()))
    return DeliveryOutcome.STALE if result.stale else DeliveryOutcome.ACCEPTED


__all__ = ["REFUNDS", "TOPICS", "Delivery", "DeliveryRefused", "ResourceRefused", "record_refusal", "take_in"]
