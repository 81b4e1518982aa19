"""Publishing, hiding and removing posts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.update_post_status import UpdatePostStatus, UpdatePostStatusParams
from decommerce.community.models import OutboxEvent, Post
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member, a_post

pytestmark = pytest.mark.requirement("ACT-01")


def test_a_post_is_hidden_and_told_as_an_event(acting, perform):
    post = a_post(a_member())
    [result] = perform(UpdatePostStatus(), {"post_id": post.pk, "status": "hidden"})
    assert result == {"post_id": post.pk, "changed": True, "previous_status": "published", "skipped": None}
    assert Post.objects.get().status == "hidden"
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert (event["type"], event["chain"]) == ("post.status_changed", "7")
    assert (event["data"]["previous_status"], event["data"]["post"]["status"]) == ("published", "hidden")


def test_the_same_status_again_changes_nothing_and_tells_nobody(acting, perform):
    post = a_post(a_member())
    [result] = perform(UpdatePostStatus(), {"post_id": post.pk, "status": "published"})
    assert (result["changed"], result["skipped"]) == (False, "unchanged")
    assert not OutboxEvent.objects.exists()


def test_a_change_can_be_held_to_the_status_of_now(acting, perform):
    post = a_post(a_member(), status="removed")
    results = perform(
        UpdatePostStatus(),
        {"post_id": post.pk, "status": "published", "only_from": "review"},
        {"post_id": 10**9, "status": "published"},
    )
    assert [result["skipped"] for result in results] == ["other_status", "not_found"]
    assert Post.objects.get().status == "removed"


def test_several_changes_of_one_post_in_a_batch_follow_each_other(acting, perform):
    post = a_post(a_member())
    wanted = ("hidden", "hidden", "review")
    results = perform(UpdatePostStatus(), *({"post_id": post.pk, "status": status} for status in wanted))
    assert [(result["previous_status"], result["changed"]) for result in results] == [
        ("published", True),
        ("hidden", False),
        ("hidden", True),
    ]
    assert Post.objects.get().status == "review"
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert (event["data"]["previous_status"], event["data"]["post"]["status"]) == ("published", "review")


@pytest.mark.requirement("SEC-01")
def test_another_tenants_post_is_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        theirs = a_post(a_member())
    with tenant_scope(tenant.pk):
        assert perform(UpdatePostStatus(), {"post_id": theirs.pk, "status": "removed"})[0]["skipped"] == "not_found"
    with tenant_scope(other_tenant.pk):
        assert Post.objects.get().status == "published"


def test_five_hundred_changes_take_as_many_statements_as_one(acting, perform, queries_of):
    author = a_member()
    posts = Post.objects.bulk_create(Post(author=author, body="x", body_length=1) for _ in range(502))
    perform(UpdatePostStatus(), {"post_id": posts.pop().pk, "status": "hidden"})
    wanted = [
        {"post_id": post.pk, "status": ("hidden", "review", "removed")[number % 3]} for number, post in enumerate(posts)
    ]
    one = queries_of(lambda: perform(UpdatePostStatus(), wanted[0]))
    assert queries_of(lambda: perform(UpdatePostStatus(), *wanted[1:])) == one
    assert [post.status for post in Post.objects.order_by("pk")][:501] == [change["status"] for change in wanted]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"post_id": 1},
        {"post_id": 1, "status": "deleted"},
        {"post_id": 1, "status": "hidden", "only_from": "anywhere"},
        {"post_id": "x", "status": "hidden"},
        {"post_id": 1, "status": "hidden", "body": "x"},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        UpdatePostStatusParams.model_validate(params)
