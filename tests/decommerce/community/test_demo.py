"""The demo: two tenants that can be opened at once, the same every time, and never made twice."""

from __future__ import annotations

import io
import json
import stat

import pytest
from django.core.management import call_command
from django.test import Client

from decommerce.community.models import (
    Comment,
    Contribution,
    Member,
    Mission,
    OutboxEvent,
    Post,
    Reaction,
    Reward,
    Room,
    RoomMember,
    ShopifyCheckout,
    ShopifyOrder,
    ShopifyProduct,
    UserMission,
    XpEntry,
)
from decommerce.community.shopify.signature import sign
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import KeyRefused, authenticate_key
from decommerce.tenancy.models import Tenant, User
from decommerce.tenancy.principal import SCOPES

pytestmark = pytest.mark.requirement("OPS-03")

ROWS = {
    Member: 82,
    Room: 6,
    Post: 250,
    Comment: 400,
    Mission: 4,
    Reward: 3,
    Contribution: 30,
    ShopifyOrder: 70,
    ShopifyProduct: 6,
    ShopifyCheckout: 12,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


def seed(folder) -> tuple[list[dict[str, str]], str]:
    out = io.StringIO()
    call_command("seed_demo", "--credentials-file", str(folder / "deep" / "credentials.json"), stdout=out)
    return json.loads((folder / "deep" / "credentials.json").read_text())["tenants"], out.getvalue()


def test_two_tenants_open_with_what_the_file_says(folder, published):
    tenants, _ = seed(folder)
    assert stat.S_IMODE((folder / "deep" / "credentials.json").stat().st_mode) == 0o600
    assert [entry["slug"] for entry in tenants] == ["acme", "nordlicht"]
    for entry in tenants:
        tenant = Tenant.objects.get(slug=entry["slug"])
        assert User.objects.get(email=entry["admin_email"]).check_password(entry["admin_password"])
        assert User.objects.get(email=entry["moderator_email"]).check_password(entry["moderator_password"])
        key = authenticate_key(entry["mcp_key"])
        assert (key.tenant_id, key.scopes) == (tenant.pk, frozenset(SCOPES))
        path = entry["shop_url"].removeprefix("http://127.0.0.1:8000")
        answer = Client().post(
            path,
            b"{}",
            content_type="application/json",
            headers={"X-Shopify-Topic": "themes/publish", "X-Shopify-Hmac-Sha256": sign(entry["shop_secret"], b"{}")},
        )
        assert answer.status_code == 200
        with tenant_scope(tenant.pk):
            assert {model: model.objects.count() for model in ROWS} == ROWS
            assert OutboxEvent.objects.count() == 0
            roles = Member.objects.with_role().exclude(role="member").values_list("role", "email")
            assert dict(roles) == {"owner": entry["admin_email"], "moderator": entry["moderator_email"]}
        assert published.envelopes(tenant) == []


def test_a_second_run_keeps_everything_as_it_is(folder):
    first, _ = seed(folder)
    second, output = seed(folder)
    assert second == first
    assert "new" not in output
    with tenant_scope(Tenant.objects.get(slug="acme").pk):
        assert {model: model.objects.count() for model in ROWS} == ROWS


def test_lost_credentials_are_made_anew_and_it_says_so(folder):
    before, _ = seed(folder)
    (folder / "deep" / "credentials.json").write_text("{broken")
    after, output = seed(folder)
    assert "password of owner@acme.example was lost" in output
    assert "API key of Acme Trail Club was lost" in output
    assert "shop of Acme Trail Club has a new address" in output
    for old, new in zip(before, after, strict=True):
        assert User.objects.get(email=new["admin_email"]).check_password(new["admin_password"])
        assert authenticate_key(new["mcp_key"])
        with pytest.raises(KeyRefused):
            authenticate_key(old["mcp_key"])


def test_the_community_is_consistent_and_varied(folder):
    seed(folder)
    with tenant_scope(Tenant.objects.get(slug="nordlicht").pk):
        lengths = sorted(Post.objects.values_list("body_length", flat=True))
        assert lengths[0] < 20
        assert lengths[-1] > 400
        assert 20 < len([length for length in lengths if length < 80]) < 150
        for post in Post.objects.all():
            assert post.body_length == len(post.body)
            assert post.comment_count == Comment.objects.filter(post=post).count()
            assert post.score == Reaction.objects.filter(post=post).count()
        for member in Member.objects.all():
            assert member.xp == sum(XpEntry.objects.filter(member=member).values_list("amount", flat=True))
        assert ShopifyOrder.objects.exclude(member=None).count() > 30
        assert ShopifyOrder.objects.filter(first_purchase=True).exists()
        assert UserMission.objects.filter(status="completed").count() > 20
        assert RoomMember.objects.count() > Member.objects.count()
        assert Member.objects.filter(status="suspended").count() == 2
