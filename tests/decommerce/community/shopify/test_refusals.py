"""What a shop delivers is believed by its signature, and what makes no sense is refused in words (TRG-09)."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from decommerce.community.models import ShopifyOrder
from decommerce.community.shopify.signature import sign
from decommerce.community.shopify.views import MAX_BODY_BYTES
from decommerce.tenancy.context import tenant_scope
from tests.decommerce.community.shopify.connected_shop import ORDER, changed

pytestmark = pytest.mark.requirement("TRG-09")


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
