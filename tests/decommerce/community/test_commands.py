"""The shell: importing a shop, emitting an event, founding a tenant."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import (
    Member,
    ShopifyCheckout,
    ShopifyCustomer,
    ShopifyOrder,
    ShopifyProduct,
    ShopifyRefund,
)
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership, Tenant, User

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "shopify"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real payloads are not at ../shared/data/shopify")
RESOURCES = (ShopifyCustomer, ShopifyProduct, ShopifyCheckout, ShopifyOrder, ShopifyRefund)


def run(command, *arguments) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


# import_shopify


@real_data
@pytest.mark.requirement("PIP-01")
def test_every_real_payload_is_imported_whatever_its_shape(tenant, published):
    output = run("import_shopify", *sorted(DATA.glob("*.json")), "--tenant", tenant.slug)
    products = {item["id"] for item in json.loads((DATA / "products.json").read_text())} | {
        json.loads((DATA / "product.json").read_text())["product"]["id"]
    }
    newest = json.loads((DATA / "orders.json").read_text())["orders"][0]
    with tenant_scope(tenant.pk):
        assert set(ShopifyProduct.objects.values_list("shopify_id", flat=True)) == products
        assert ShopifyCustomer.objects.get().email == "bob.norman@hostmail.com"
        order = ShopifyOrder.objects.get()
        assert str(order.total_price) == newest["total_price"]
        assert str(order.total_refunded) == "209.00"
        assert order.customer == ShopifyCustomer.objects.get()
        assert (order.name, order.financial_status) == (newest["name"], newest["financial_status"])
        assert str(ShopifyCheckout.objects.get().total_price) == "409.94"
    assert "others: 0 new, 0 changed, 0 as before; 1 left out: 1 fulfillment: of a kind that is not kept" in output
    assert published.envelopes(tenant) == []


@real_data
@pytest.mark.requirement("PIP-01")
def test_importing_a_shop_again_changes_nothing(tenant):
    files = sorted(DATA.glob("*.json"))
    run("import_shopify", *files, "--tenant", tenant.slug)
    with tenant_scope(tenant.pk):
        before = [list(model.objects.order_by("pk").values()) for model in RESOURCES]
    output = run("import_shopify", *files, "--tenant", tenant.slug)
    with tenant_scope(tenant.pk):
        assert [list(model.objects.order_by("pk").values()) for model in RESOURCES] == before
    assert "orders: 0 new, 0 changed, 1 as before" in output


@real_data
@pytest.mark.requirement("TRG-09")
def test_an_import_emits_events_when_it_is_asked_to(tenant, published):
    run("import_shopify", DATA / "order.json", DATA / "refund.json", "--tenant", tenant.slug, "--emit")
    types = [envelope["type"] for envelope in published.envelopes(tenant)]
    assert sorted(types) == ["order.created", "order.refunded"]


@real_data
@pytest.mark.requirement("PIP-01")
def test_the_newest_resource_falls_on_the_asked_time_and_all_else_keeps_its_distance(tenant):
    (written,) = json.loads((DATA / "orders.json").read_text())["orders"]
    (given,) = json.loads((DATA / "checkouts.json").read_text())["checkouts"]
    files = (DATA / "orders.json", DATA / "checkouts.json")
    run("import_shopify", *files, "--tenant", tenant.slug, "--ending-at", "2026-11-21T09:00:00Z")
    with tenant_scope(tenant.pk):
        order, checkout = ShopifyOrder.objects.get(), ShopifyCheckout.objects.get()
        distance = datetime.fromisoformat(given["created_at"]) - datetime.fromisoformat(written["created_at"])
        assert checkout.created_at == datetime(2026, 11, 21, 9, tzinfo=UTC)
        assert checkout.created_at - order.created_at == distance
        assert checkout.completed_at is None
        # The fixture's customer is younger than what they bought.
        assert ShopifyCustomer.objects.get().created_at == checkout.created_at


def test_a_time_that_is_none_is_left_for_the_import_to_refuse(tenant, tmp_path):
    times = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "soon", "2026-99-99T00:00:00Z", 5)
    customers = [{"id": 1, "orders_count": 0, "created_at": time} for time in times]
    customers[0]["id"] = 2
    (tmp_path / "customers.json").write_text(json.dumps(customers))
    output = run("import_shopify", tmp_path / "customers.json", "--tenant", tenant.slug, "--ending-at", "now")
    assert "customers: 1 new, 0 changed, 0 as before; 4 left out: " in output


def test_resources_that_make_no_sense_are_left_out_one_by_one(tenant, tmp_path):
    good = {"id": 1, "orders_count": 0, "created_at": "2026-01-01T00:00:00Z"}
    (tmp_path / "customers.json").write_text(json.dumps({"customers": [good, {"id": "x"}, "nonsense"]}))
    output = run("import_shopify", tmp_path / "customers.json", "--tenant", tenant.slug)
    assert output.splitlines()[-1].startswith("customers: 1 new, 0 changed, 0 as before; 2 left out: ")
    assert "customer.created_at must be a date and time" in output


@pytest.mark.parametrize(
    ("text", "says"), [("{", "is not JSON"), ("5", "holds no resources"), ('{"a": 1, "b": 2}', "no resource of")]
)
def test_a_file_of_something_else_is_refused_and_nothing_is_imported(tenant, tmp_path, text, says):
    (tmp_path / "good.json").write_text(json.dumps({"id": 1, "orders_count": 0, "created_at": "2026-01-01T00:00:00Z"}))
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(CommandError, match=says):
        run("import_shopify", tmp_path / "good.json", tmp_path / "bad.json", "--tenant", tenant.slug)
    with tenant_scope(tenant.pk):
        assert not ShopifyCustomer.objects.exists()


def test_a_missing_file_is_named(tenant, tmp_path):
    with pytest.raises(CommandError, match=r"gone\.json cannot be read: No such file"):
        run("import_shopify", tmp_path / "gone.json", "--tenant", tenant.slug)


# emit


@pytest.mark.requirement("TRG-08")
def test_an_event_from_the_shell_is_on_the_queue_like_any_other(tenant, published):
    sample = run("emit", "order.paid", "--sample")
    output = run("emit", "order.paid", "--tenant", tenant.slug, "--data", sample)
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == "order.paid"
    assert output == f"order.paid {envelope['id']} is on the queue\n"


@pytest.mark.requirement("TRG-08")
def test_the_data_of_an_event_may_come_from_a_file(tenant, published, tmp_path):
    (tmp_path / "data.json").write_text(run("emit", "room.created", "--sample"))
    run("emit", "room.created", "--tenant", tenant.slug, "--data", f"@{tmp_path}/data.json")
    assert len(published.envelopes(tenant)) == 1


@pytest.mark.requirement("TRG-02")
def test_the_shell_lists_every_event_in_words():
    lines = run("emit", "--list").splitlines()
    assert [line.split()[0] for line in lines] == list(EVENTS)
    assert any(line.endswith("when someone writes a post") for line in lines)


@pytest.mark.requirement("TRG-02")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Name an event"),
        (["post.created"], "--sample shows"),
        (["post.exploded", "--sample"], "There is no event"),
        (["post.exploded", "--tenant", "{slug}", "--data", "{}"], "There is no event “post.exploded”"),
        (["post.created", "--tenant", "{slug}", "--data", "{"], "The data is not JSON"),
        (["post.created", "--tenant", "{slug}", "--data", "[]"], 'is not of type "object"'),
        (["post.created", "--tenant", "{slug}", "--data", '{"post": 5}'], "post: 5 is not of type"),
        (["post.created", "--tenant", "{slug}", "--data", "@/no/such/file"], "cannot be read"),
        (["post.created", "--tenant", "nobody", "--data", "{}"], "There is no tenant “nobody”"),
    ],
)
def test_what_cannot_be_emitted_is_refused_in_words(tenant, published, arguments, says):
    with pytest.raises(CommandError, match=says):
        run("emit", *[argument.replace("{slug}", tenant.slug) for argument in arguments])
    assert published.envelopes(tenant) == []


# create_tenant


@pytest.mark.requirement("SEC-01")
def test_a_tenant_is_founded_with_its_owner():
    slug = f"founded-{os.getpid()}"
    output = run("create_tenant", "Founded", "--slug", slug, "--owner-email", f"Boss@{slug}.example")
    tenant, owner = Tenant.objects.get(slug=slug), User.objects.get(email=f"boss@{slug}.example")
    assert owner.check_password(output.split("Their password is ")[1].split()[0])
    with tenant_scope(tenant.pk):
        assert Membership.objects.get().role == "owner"
        assert Member.objects.with_role().get().role == "owner"
    with pytest.raises(CommandError, match="already"):
        run("create_tenant", "Founded", "--slug", slug, "--owner-email", "other@example.org")
    again = run("create_tenant", "Second", "--slug", f"{slug}-2", "--owner-email", owner.email)
    assert "password" not in again


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--slug", "not a slug", "--owner-email", "a@example.org"], "slug cannot be"),
        (["--slug", "fine", "--owner-email", "nobody"], "email cannot be"),
        (["--slug", "fine", "--owner-email", "a@example.org", "--timezone", "Mars/Olympus"], "no time zone"),
    ],
)
def test_a_tenant_that_cannot_be_founded_leaves_nothing_behind(options, says):
    count = Tenant.objects.count()
    with pytest.raises(CommandError, match=says):
        run("create_tenant", "Fine", *options)
    assert Tenant.objects.count() == count
