"""A shop's deliveries: believed by signature, kept once, said on as normalised events (TRG-09)."""

from __future__ import annotations

import json
import threading
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import Client

from decommerce.community.models import (
    Shop,
    ShopDelivery,
    ShopifyCheckout,
    ShopifyCustomer,
    ShopifyOrder,
    ShopifyProduct,
    ShopifyRefund,
)
from decommerce.community.services import members
from decommerce.community.shopify.intake import TOPICS
from decommerce.community.shopify.shops import connect_shop
from decommerce.community.shopify.signature import sign
from decommerce.community.shopify.views import MAX_BODY_BYTES
from decommerce.tenancy.context import tenant_scope

pytestmark = pytest.mark.requirement("TRG-09")

ORDER = {
    "id": 450789469,
    "name": "#1001",
    "email": "Bob.Norman@example.org",
    "created_at": "2026-11-20T11:00:00-05:00",
    "updated_at": "2026-11-20T11:00:00-05:00",
    "currency": "USD",
    "total_price": "409.94",
    "subtotal_price": "398.00",
    "total_discounts": "0.00",
    "financial_status": "authorized",
    "fulfillment_status": None,
    "tags": "vip, spring",
    "line_items": [
        {
            "title": "Mug",
            "sku": "MUG",
            "quantity": 2,
            "price": "199.00",
            "product_id": 632910392,
            "variant_id": 39072856,
        }
    ],
    "customer": {"id": 207119551, "email": "bob.norman@example.org", "first_name": "Bob", "last_name": "Norman"},
}
REFUND = {
    "id": 509562969,
    "order_id": ORDER["id"],
    "created_at": "2026-11-21T13:35:06-04:00",
    "note": "broke",
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "9.94", "currency": "USD"},
        {"kind": "refund", "status": "failure", "amount": "400.00", "currency": "USD"},
    ],
}


class ConnectedShop:
    """A shop that delivers to the platform as Shopify does."""

    def __init__(self, tenant, connected) -> None:
        self.tenant = tenant
        self.path = connected.url.removeprefix("http://127.0.0.1:8000")
        self.secret = connected.webhook_secret
        self.events = 0

    def deliver(self, topic, payload, *, event_id=None, signature=None, path=None, client=None):
        """Deliver a payload (or raw bytes) and return the answer."""
        self.events += 1
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": sign(self.secret, body) if signature is None else signature,
            "X-Shopify-Event-Id": f"event-{self.events}" if event_id is None else event_id,
        }
        sender = client or Client()
        return sender.post(path or self.path, body, content_type="application/json", headers=headers)

    def deliveries(self):
        with tenant_scope(self.tenant.pk):
            return list(ShopDelivery.objects.order_by("pk").values_list("topic", "outcome", "reason", "count"))


@pytest.fixture
def shop(tenant) -> ConnectedShop:
    with tenant_scope(tenant.pk):
        return ConnectedShop(tenant, connect_shop("acme.myshopify.example"))


def changed(payload, **values):
    return {**deepcopy(payload), **values}


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


def test_a_delivery_without_an_event_id_is_known_by_its_body(tenant, shop, published):
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


# Refusals


@pytest.mark.requirement("SEC-01")
def test_an_unknown_address_is_not_found(shop):
    for path in ("/intake/shopify/wrong/", "/intake/shopify/%00%ff/", f"{shop.path[:-2]}/"):
        assert shop.deliver("orders/create", ORDER, path=path).status_code == 404


def test_another_shops_signature_is_refused_and_counted(tenant, shop, published):
    for signature in ("", "wrong", sign("other", b"{}"), "\N{SNOWMAN}".encode().decode("latin-1")):
        answer = shop.deliver("orders/create", ORDER, signature=signature)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert shop.deliveries() == [("orders/create", "refused", "signature_refused", 4)]
    assert published.envelopes(tenant) == []


def test_a_refusal_does_not_bar_the_true_delivery_of_that_event(shop):
    assert shop.deliver("orders/create", ORDER, event_id="e", signature="x").status_code == 401
    assert shop.deliver("orders/create", ORDER, event_id="e").json() == {"outcome": "accepted"}


def test_a_body_that_was_changed_on_its_way_is_refused(shop):
    body = json.dumps(ORDER).encode()
    assert shop.deliver("orders/create", body + b" ", signature=sign(shop.secret, body)).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body_not_json"),
        (b"{", "body_not_json"),
        (b"\xff\xfe", "body_not_json"),
        (b'{"id": NaN}', "body_not_json"),
        (b'{"id": 1e999999999}', "body_not_json"),
        (b"[" * 200_000, "body_not_json"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "body_not_json"),
        (b"[]", "body_not_object"),
        (b'"text"', "body_not_object"),
        (b"{}", "shopify_payload_invalid"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_a_signed_body_that_makes_no_sense_is_refused_in_words(tenant, shop, body, code):
    answer = shop.deliver("orders/create", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert shop.deliveries() == [("orders/create", "refused", code, 1)]


@pytest.mark.parametrize(
    "values",
    [
        {"id": "many"},
        {"id": 10**30},
        {"id": True},
        {"id": -1},
        {"id": "--1"},
        {"total_price": "much"},
        {"total_price": "NaN"},
        {"total_price": "1e40"},
        {"total_price": {"amount": 1}},
        {"created_at": "yesterday"},
        {"created_at": "2026-13-45T00:00:00Z"},
        {"created_at": "2026-11-20T11:00:00"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"created_at": "9999-12-31T23:59:59-14:00"},
        {"line_items": {"a": 1}},
        {"line_items": ["mug"]},
        {"line_items": [{"quantity": "x"}]},
        {"customer": "Bob"},
        {"name": ["#1"]},
    ],
    ids=str,
)
def test_a_field_of_the_wrong_shape_is_refused_by_name(tenant, shop, values):
    answer = shop.deliver("orders/create", changed(ORDER, **values))
    assert (answer.status_code, answer.json()["code"]) == (400, "shopify_payload_invalid")
    assert next(iter(values)) in answer.json()["title"]
    with tenant_scope(tenant.pk):
        assert not ShopifyOrder.objects.exists()


def test_a_refused_delivery_may_be_delivered_again_in_its_right_form(shop):
    assert shop.deliver("orders/create", {"id": 1}, event_id="e").status_code == 400
    assert shop.deliver("orders/create", ORDER, event_id="e").json() == {"outcome": "accepted"}


def test_what_the_database_cannot_store_is_left_out_and_what_is_too_long_is_cut(tenant, shop):
    strange = changed(
        ORDER,
        name="#\u0000\ud8001" + "x" * 500,
        email="a" * 400,
        currency="EUROS",
        tags=["t" * 900, "  ", 5],
        line_items=[{"title": "y" * 5000, "quantity": 2**31 - 1}] * 3,
    )
    assert shop.deliver("orders/create", json.dumps(strange).encode()).json() == {"outcome": "accepted"}
    with tenant_scope(tenant.pk):
        order = ShopifyOrder.objects.get()
        assert order.name == "#1" + "x" * 62
        assert order.item_count == 2**31 - 1
        assert order.tags == ["t" * 255, "5"]


def test_a_body_past_the_limit_is_refused(shop):
    assert shop.deliver("orders/create", b" " * (MAX_BODY_BYTES + 1)).status_code == 413


def test_only_a_post_is_taken_in(shop):
    assert Client().get(shop.path).status_code == 405


def test_headers_full_of_nonsense_do_no_harm(tenant, shop):
    answer = shop.deliver("t" * 5000, ORDER, event_id="e" * 5000)
    assert answer.json() == {"outcome": "ignored"}
    assert shop.deliveries() == [("t" * 64, "ignored", "", 1)]


@pytest.mark.requirement("SEC-01")
def test_someone_signed_in_elsewhere_does_not_find_the_shop(other_tenant, shop, make_person):
    person = make_person(other_tenant)
    client = Client()
    client.force_login(person)
    assert shop.deliver("orders/create", ORDER, client=client).status_code == 404


@pytest.mark.requirement("SEC-01")
def test_a_delivery_reaches_the_shops_own_tenant_only(tenant, other_tenant, shop):
    shop.deliver("orders/create", ORDER)
    with tenant_scope(other_tenant.pk):
        assert not ShopifyOrder.objects.exists()
        assert not ShopDelivery.objects.exists()


# The shop


@pytest.mark.requirement("SEC-07")
def test_neither_the_address_nor_the_secret_stands_in_the_database(tenant, shop):
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(s)::text FROM community_shop s")
        (row,) = cursor.fetchone()
        assert Shop.objects.get().webhook_secret == shop.secret
    assert shop.secret not in row
    assert shop.path.split("/")[-2] not in row


def test_a_shop_that_is_connected_again_has_a_new_address(tenant, shop):
    with tenant_scope(tenant.pk):
        fresh = ConnectedShop(tenant, connect_shop("acme.myshopify.example"))
    assert shop.deliver("orders/create", ORDER).status_code == 404
    assert fresh.deliver("orders/create", ORDER).status_code == 200


@pytest.mark.requirement("SEC-07")
def test_a_secret_still_reads_after_the_platforms_key_was_rotated(tenant, shop, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert shop.deliver("orders/create", ORDER).status_code == 200


DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "shopify"


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
