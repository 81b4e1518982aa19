"""Saying that a flag was looked at."""

from __future__ import annotations

import pytest

from actions.flag_content import FlagContent
from actions.resolve_flag import ResolveFlag
from decommerce.community.models import Flag, OutboxEvent, Post
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_flag, a_member, a_post

pytestmark = pytest.mark.requirement("ACT-01")


def test_a_flag_is_resolved_once(acting, perform):
    flag = a_flag(a_post(a_member(), status="review"))
    results = perform(ResolveFlag(), {"flag_id": flag.pk}, {"flag_id": flag.pk}, {"flag_id": 10**9})
    assert [(result["resolved"], result["published"], result["skipped"]) for result in results] == [
        (True, False, None),
        (False, False, "already_resolved"),
        (False, False, "not_found"),
    ]
    assert Flag.objects.get().resolved_at is not None
    assert Post.objects.get().status == "review"


def test_the_post_is_published_again_where_no_other_flag_is_open(acting, perform):
    author = a_member()
    alone, twice, removed = (a_post(author, status=status) for status in ("review", "review", "removed"))
    flags = [a_flag(post) for post in (alone, twice, removed)]
    other = a_flag(twice, raised_by_label="somebody else")
    wanted = [{"flag_id": flag.pk, "publish": True} for flag in flags]
    assert [result["published"] for result in perform(ResolveFlag(), *wanted)] == [True, False, False]
    assert perform(ResolveFlag(), {"flag_id": other.pk, "publish": True})[0]["published"]
    assert [post.status for post in Post.objects.order_by("pk")] == ["published", "published", "removed"]
    assert [row.envelope["type"] for row in OutboxEvent.objects.all()] == ["post.status_changed"] * 2


def test_a_post_can_be_flagged_again_afterwards(acting, perform):
    post = a_post(a_member())
    [first] = perform(FlagContent(), {"post_id": post.pk, "reason": "Short"})
    perform(ResolveFlag(), {"flag_id": first["flag_id"]})
    assert perform(FlagContent(), {"post_id": post.pk, "reason": "Short"})[0]["flagged"]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_flag_is_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_flag(a_post(a_member(), status="review"))
    with tenant_scope(tenant.pk):
        assert perform(ResolveFlag(), {"flag_id": theirs.pk, "publish": True})[0]["skipped"] == "not_found"
    with tenant_scope(other_tenant.pk):
        assert Flag.objects.get().resolved_at is None
        assert Post.objects.get().status == "review"


def test_five_hundred_flags_take_as_many_statements_as_one(acting, perform, queries_of):
    author = a_member()
    posts = Post.objects.bulk_create(Post(author=author, body="x", body_length=1, status="review") for _ in range(502))
    flags = Flag.objects.bulk_create(Flag(post=post, reason="x", raised_by_label="x") for post in posts)
    wanted = [{"flag_id": flag.pk, "publish": True} for flag in flags]
    perform(ResolveFlag(), wanted[0])
    one = queries_of(lambda: perform(ResolveFlag(), wanted[1]))
    assert queries_of(lambda: perform(ResolveFlag(), *wanted[2:])) == one
    assert Post.objects.filter(status="published").count() == 502
