"""Flagging posts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.flag_content import FlagContent, FlagContentParams
from decommerce.community.models import Flag, Member, OutboxEvent, Post
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member, a_post

pytestmark = pytest.mark.requirement("ACT-01")

HOSTILE = "<script>alert(1)</script> {{ tenant.secret }} '; DROP TABLE community_post; --\x00 end"


def flagging(post_id: int, **params) -> dict:
    return {"post_id": post_id, "reason": "Too short", **params}


def events(name: str) -> list[dict]:
    return [row.envelope for row in OutboxEvent.objects.order_by("pk") if row.envelope["type"] == name]


def test_a_flag_is_raised_in_the_apps_name_and_told_as_an_event(acting, perform):
    post = a_post(a_member())
    [result] = perform(FlagContent(), flagging(post.pk, severity="high"))
    flag = Flag.objects.get()
    assert result == {"post_id": post.pk, "flag_id": flag.pk, "flagged": True, "taken_down": False, "skipped": None}
    assert (flag.reason, flag.severity, flag.app_id, flag.raised_by_label) == ("Too short", "high", 7, "The app")
    [event] = events("post.flagged")
    assert (event["data"]["flag"]["id"], event["chain"]) == (flag.pk, "7")


def test_flagging_again_changes_nothing(acting, perform):
    post = a_post(a_member())
    [first] = perform(FlagContent(), flagging(post.pk), keys=["run:1:a"])
    [second] = perform(FlagContent(), flagging(post.pk), keys=["run:2:a"])
    assert second == {**first, "flagged": False, "skipped": "already_flagged"}
    assert Flag.objects.count() == 1
    assert len(events("post.flagged")) == 1


def test_one_batch_flags_a_post_once(acting, perform):
    post = a_post(a_member())
    results = perform(FlagContent(), flagging(post.pk), flagging(post.pk))
    assert [result["skipped"] for result in results] == [None, "already_flagged"]
    assert results[0]["flag_id"] == results[1]["flag_id"]


def test_with_review_the_post_is_taken_down_until_somebody_looked(acting, perform):
    kept, taken = a_post(a_member(1)), a_post(a_member(2))
    perform(FlagContent(), flagging(kept.pk), flagging(taken.pk, review=True))
    assert dict(Post.objects.values_list("pk", "status")) == {kept.pk: "published", taken.pk: "review"}


@pytest.mark.requirement("SEC-01")
def test_another_tenants_post_is_not_found_and_the_rest_of_the_batch_goes_on(tenant, other_tenant, acting, perform):
    mine = a_post(a_member())
    results = perform(FlagContent(), flagging(mine.pk + 1_000_000), flagging(mine.pk))
    assert [result["skipped"] for result in results] == ["not_found", None]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_number_flags_nothing(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_post(a_member())
    with tenant_scope(tenant.pk):
        [result] = perform(FlagContent(), flagging(theirs.pk))
        assert result == {
            "post_id": theirs.pk,
            "flag_id": None,
            "flagged": False,
            "taken_down": False,
            "skipped": "not_found",
        }
    with tenant_scope(other_tenant.pk):
        assert not Flag.objects.exists()


def test_a_hostile_reason_is_stored_as_text(acting, perform):
    post = a_post(a_member())
    perform(FlagContent(), flagging(post.pk, reason=HOSTILE))
    assert Flag.objects.get().reason == HOSTILE.replace("\x00", "")


def test_five_hundred_posts_take_as_many_statements_as_one(acting, perform, queries_of):
    author = a_member()
    posts = Post.objects.bulk_create(Post(author=author, body="short", body_length=5) for _ in range(502))
    perform(FlagContent(), flagging(posts[501].pk))
    one = queries_of(lambda: perform(FlagContent(), flagging(posts[0].pk, review=True)))
    many = queries_of(lambda: perform(FlagContent(), *(flagging(post.pk, review=True) for post in posts[1:501])))
    assert many == one
    assert Flag.objects.count() == 502
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"post_id": 1},
        {"post_id": 1, "reason": ""},
        {"post_id": 1, "reason": "x" * 501},
        {"post_id": 1, "reason": "x", "severity": "urgent"},
        {"post_id": 1, "reason": "x", "review": "perhaps"},
        {"post_id": "one", "reason": "x"},
        {"post_id": 1, "reason": "x", "app_id": 3},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        FlagContentParams.model_validate(params)
