"""A shop's deliveries: kept once, said on as normalised events (TRG-09)."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections

from decommerce.community.models import ShopifyCheckout, ShopifyCustomer, ShopifyOrder, ShopifyProduct, ShopifyRefund
from decommerce.community.services import members
from decommerce.community.shopify.intake import TOPICS
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.community.shopify.connected_shop import ORDER, REFUND, changed

pytestmark = pytest.mark.requirement("TRG-09")


def test_an_order_is_kept_matched_and_said_on(tenant, shop, published):
    with tenant_scope(tenant.pk):
        member = members.join(members.NewMember("Bob", "bob.norman@example.org"))
    published.drain()
    answer = shop.deliver("orders/create", ORDER)
    assert (answer.status_code, answer.json()) == (200, {"outcome": "accepted"})
    with tenant_scope(tenant.pk):
        order = ShopifyOrder.objects.get()
        assert (order.total_price, str(order.total_price)) == (Decimal("409.94"), "409.94")
        assert order.member_id == member.pk
        assert order.customer == ShopifyCustomer.objects.get(shopify_id=207119551, member=member)
        assert order.tags == ["vip", "spring"]
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == "order.created"
    assert envelope["dedupekey"] == "order.created:450789469"
    assert envelope["data"]["order"]["total_price"] == 409.94
    assert envelope["data"]["order"]["first_purchase"] is True
    assert envelope["data"]["member"]["id"] == member.pk


def test_each_topic_is_said_on_as_its_event(tenant, shop, published):
    product = {"id": 5, "title": "Mug", "created_at": ORDER["created_at"], "variants": [{"price": "9.00"}]}
    customer = {"id": 6, "email": "c@example.org", "created_at": ORDER["created_at"]}
    checkout = changed(ORDER, id=7, abandoned_checkout_url="https://shop.example/r", token="t")
    payloads = {"order": ORDER, "product": product, "customer": customer, "checkout": checkout}
    for topic, meaning in TOPICS.items():
        assert shop.deliver(topic, payloads[meaning.kind]).json() == {"outcome": "accepted"}
    types = [envelope["type"] for envelope in published.envelopes(tenant)]
    assert types == [meaning.event for meaning in TOPICS.values() if meaning.event]
    with tenant_scope(tenant.pk):
        assert [m.objects.count() for m in (ShopifyOrder, ShopifyProduct, ShopifyCheckout)] == [1, 1, 1]
        assert str(ShopifyProduct.objects.get().price_max) == "9.00"


def test_a_delivery_that_comes_again_does_nothing(tenant, shop, published):
    for _ in range(2):
        answer = shop.deliver("orders/create", ORDER, event_id="same")
    assert (answer.status_code, answer.json()) == (200, {"outcome": "duplicate"})
    assert len(published.envelopes(tenant)) == 1
    assert shop.deliver("orders/updated", ORDER, event_id="same").json() == {"outcome": "accepted"}
    assert [outcome for _, outcome, _, _ in shop.deliveries()] == ["accepted", "accepted"]


def test_a_delivery_without_an_event_id_is_known_by_its_body(tenant, shop):
    outcomes = [shop.deliver("orders/create", ORDER, event_id=event_id).json() for event_id in ("", "", "x" * 500)]
    assert [answer["outcome"] for answer in outcomes] == ["accepted", "duplicate", "accepted"]


def test_the_same_delivery_at_the_same_time_is_kept_once(tenant, shop, published):
    answers = []

    def deliver():
        answers.append(shop.deliver("orders/create", ORDER, event_id="same").json()["outcome"])
        connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert len(published.envelopes(tenant)) == 1


def test_an_older_version_never_replaces_a_newer_one(tenant, shop, published):
    newer = changed(ORDER, updated_at="2026-11-21T11:00:00-05:00", financial_status="paid")
    assert shop.deliver("orders/updated", newer).json() == {"outcome": "accepted"}
    assert shop.deliver("orders/updated", ORDER).json() == {"outcome": "stale"}
    assert shop.deliver("orders/create", ORDER).json() == {"outcome": "stale"}
    with tenant_scope(tenant.pk):
        assert ShopifyOrder.objects.get().financial_status == "paid"
    envelopes = published.envelopes(tenant)
    assert [envelope["type"] for envelope in envelopes] == ["order.updated", "order.created"]
    assert envelopes[1]["data"]["order"]["financial_status"] == "paid"


def test_only_the_first_order_from_an_address_is_a_first_purchase(tenant, shop):
    shop.deliver("orders/create", ORDER)
    later = changed(ORDER, id=2, email="BOB.NORMAN@example.org", created_at="2026-11-21T11:00:00-05:00")
    shop.deliver("orders/create", later)
    shop.deliver("orders/create", changed(ORDER, id=3, email=None))
    with tenant_scope(tenant.pk):
        firsts = dict(ShopifyOrder.objects.values_list("shopify_id", "first_purchase"))
    assert firsts == {450789469: True, 2: False, 3: False}


@pytest.mark.parametrize("order_first", [True, False])
def test_a_refund_is_settled_whichever_comes_first(tenant, shop, published, order_first):
    steps = [("orders/create", ORDER), ("refunds/create", REFUND)]
    for topic, payload in steps if order_first else reversed(steps):
        assert shop.deliver(topic, payload).status_code == 200
    shop.deliver("refunds/create", REFUND)
    with tenant_scope(tenant.pk):
        assert str(ShopifyOrder.objects.get().total_refunded) == "9.94"
        assert ShopifyRefund.objects.count() == 1
    events = {envelope["type"]: envelope for envelope in published.envelopes(tenant)}
    assert set(events) == {"order.created", "order.refunded"}
    assert events["order.refunded"]["data"]["refund"]["amount"] == 9.94
    assert events["order.refunded"]["data"]["order"]["total_refunded"] == 9.94


def test_a_topic_that_nobody_asked_for_is_noted_and_ignored(tenant, shop, published):
    assert shop.deliver("themes/publish", {"id": 1}).json() == {"outcome": "ignored"}
    assert shop.deliveries() == [("themes/publish", "ignored", "", 1)]
    assert published.envelopes(tenant) == []


DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "shopify"


@pytest.mark.skipif(not DATA.is_dir(), reason="the real Shopify payloads are not at ../shared/data/shopify")
@pytest.mark.parametrize(
    ("file", "topic", "event"),
    [
        ("order", "orders/create", "order.created"),
        ("product", "products/update", "product.updated"),
    ],
)
def test_a_real_payload_is_taken_in_to_the_cent(shop, tenant, published, file, topic, event):
    payload = json.loads((DATA / f"{file}.json").read_text())[file]
    assert shop.deliver(topic, payload).json() == {"outcome": "accepted"}
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == event
    assert envelope["data"][file]["shopify_id"] == payload["id"]
