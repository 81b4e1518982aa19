"""The imported community is what its description says: other tests count on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from decommerce.community.models import (
    Comment,
    Contribution,
    Member,
    Post,
    Reaction,
    Room,
    ShopifyCheckout,
    ShopifyOrder,
)
from decommerce.tenancy.context import tenant_scope
from tests.imported import SHOPPER

pytestmark = pytest.mark.requirement("PIP-01")
COUNTS = {Member: 174, Room: 20, Post: 104, Comment: 137, Reaction: 753, Contribution: 347}
OF_THE_LAST_WEEK = {Post: 2, Comment: 3, Reaction: 7}


def test_it_is_as_large_and_as_lively_as_its_description_says(imported_community):
    week = imported_community.ended_at - timedelta(days=7)
    with tenant_scope(imported_community.tenant.pk):
        assert {model: model.objects.count() for model in COUNTS} == COUNTS
        recent = {model: model.objects.filter(created_at__gt=week).count() for model in OF_THE_LAST_WEEK}
        assert recent == OF_THE_LAST_WEEK
        assert Contribution.objects.latest("created_at").created_at == imported_community.ended_at
        assert Member.objects.get(email=SHOPPER).pk == imported_community.shopper_id
        assert ShopifyOrder.objects.get().member_id == ShopifyCheckout.objects.get().member_id
        assert ShopifyOrder.objects.get().member_id == imported_community.shopper_id


def test_a_test_that_writes_gets_a_community_of_its_own(imported_community, own_imported_community):
    assert own_imported_community.tenant != imported_community.tenant
    with tenant_scope(own_imported_community.tenant.pk):
        Post.objects.all().delete()
    with tenant_scope(imported_community.tenant.pk):
        assert Post.objects.count() == COUNTS[Post]
    assert timezone.now() - own_imported_community.ended_at < timedelta(minutes=1)
