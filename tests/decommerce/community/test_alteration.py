"""Many rows, each changed to values of its own, in one statement."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from decommerce.community.alteration import add, store
from decommerce.community.models import Member, Post
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member, a_post

pytestmark = pytest.mark.requirement("ACT-01")

HOSTILE = "'; DROP TABLE community_member; -- \" \\ 💧 {{ x }}"


def test_each_row_gets_its_own_values_in_one_statement(scope):
    members = [a_member(number) for number in range(50)]
    for number, member in enumerate(members):
        member.engagement_score, member.location = Decimal(number) / 4, f"{HOSTILE}{number}"
        member.last_active_at, member.bio = member.joined_at, "not asked for"
    with CaptureQueriesContext(connection) as queries:
        store(members, ["engagement_score", "location", "last_active_at"])
    assert len(queries) == 1
    for number, member in enumerate(Member.objects.order_by("pk")):
        assert (member.engagement_score, member.location) == (Decimal(number) / 4, f"{HOSTILE}{number}")
        assert (member.last_active_at, member.bio) == (member.joined_at, "")


def test_numbers_are_added_to_and_rows_that_are_not_there_are_left_out(scope):
    author = a_member()
    posts = [a_post(author, score=number) for number in range(3)]
    add(Post, "score", {posts[0].pk: 5, posts[2].pk: -7, 10**9: 1})
    assert [post.score for post in Post.objects.order_by("pk")] == [5, 1, -5]


@pytest.mark.requirement("SEC-01")
def test_nothing_of_another_tenant_is_changed(tenant, other_tenant):
    with tenant_scope(other_tenant.pk):
        theirs = a_member()
        post = a_post(theirs)
    with tenant_scope(tenant.pk):
        theirs.location = "Elsewhere"
        store([theirs], ["location"])
        add(Post, "score", {post.pk: 5})
    with tenant_scope(other_tenant.pk):
        assert (Member.objects.get().location, Post.objects.get().score) == ("", 0)


def test_nothing_to_do_is_no_statement(scope):
    with CaptureQueriesContext(connection) as queries:
        store([], ["location"])
        store([Member()], [])
        add(Post, "score", {})
    assert len(queries) == 0
