"""Commenting on posts, and taking comments of apps back."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.create_comment import CreateComment, CreateCommentParams
from actions.remove_comment import RemoveComment
from decommerce.community.models import Comment, Member, OutboxEvent, Post
from decommerce.community.services.members import house_member
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_comment, a_member, a_post

pytestmark = pytest.mark.requirement("ACT-01")

HOSTILE = "<script>alert(1)</script> {{ tenant.secret }} '; DROP TABLE community_comment; --"


def test_a_comment_is_written_as_the_communitys_team_and_told_as_an_event(acting, perform):
    post = a_post(a_member())
    [result] = perform(CreateComment(), {"post_id": post.pk, "body": "Welcome!"})
    comment = Comment.objects.get()
    assert result == {"comment_id": comment.pk, "created": True, "skipped": None}
    assert (comment.post_id, comment.body, comment.author_id) == (post.pk, "Welcome!", house_member().pk)
    assert Post.objects.get().comment_count == 1
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert (event["type"], event["chain"], event["data"]["post"]["id"]) == ("comment.created", "7", post.pk)


def test_a_comment_is_written_as_a_member(acting, perform):
    author = a_member()
    perform(CreateComment(), {"post_id": str(a_post(author).pk), "body": "Yes.", "author_id": author.pk})
    assert Comment.objects.get().author_id == author.pk


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_writes_nothing_more(acting, perform):
    post = a_post(a_member())
    [first] = perform(CreateComment(), {"post_id": post.pk, "body": "Welcome!"}, keys=["run:8:main/comment"])
    [again] = perform(CreateComment(), {"post_id": post.pk, "body": "Welcome!"}, keys=["run:8:main/comment"])
    assert again == {"comment_id": first["comment_id"], "created": False, "skipped": "duplicate"}
    assert (Comment.objects.count(), Post.objects.get().comment_count) == (1, 1)


def test_what_cannot_be_written_is_said_item_by_item(acting, perform):
    author, suspended = a_member(1), a_member(2, status="suspended")
    post, removed = a_post(author), a_post(author, status="removed")
    results = perform(
        CreateComment(),
        {"post_id": 10**9, "body": "a"},
        {"post_id": removed.pk, "body": "b"},
        {"post_id": post.pk, "body": "c", "author_id": 10**9},
        {"post_id": post.pk, "body": "d", "author_id": suspended.pk},
        {"post_id": post.pk, "body": "\x00"},
        {"post_id": post.pk, "body": "f"},
    )
    assert [result["skipped"] for result in results] == [
        "post_not_found",
        "post_removed",
        "author_not_found",
        "author_suspended",
        "body_empty",
        None,
    ]
    assert [comment.body for comment in Comment.objects.order_by("pk")] == ["f"]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_post_member_and_comment_are_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        member = a_member()
        post = a_post(member)
        comment = a_comment(post, member, idem_key="run:1:main/comment")
    with tenant_scope(tenant.pk):
        own = a_post(a_member())
        results = perform(
            CreateComment(),
            {"post_id": post.pk, "body": "a"},
            {"post_id": own.pk, "body": "b", "author_id": member.pk},
        )
        assert [result["skipped"] for result in results] == ["post_not_found", "author_not_found"]
        assert perform(RemoveComment(), {"comment_id": comment.pk})[0]["skipped"] == "not_found"
        assert not Comment.objects.exists()
    with tenant_scope(other_tenant.pk):
        assert Comment.objects.count() == 1
        assert Post.objects.get().comment_count == 0


def test_hostile_text_is_stored_as_text(acting, perform):
    perform(CreateComment(), {"post_id": a_post(a_member()).pk, "body": HOSTILE + "\x00"})
    assert Comment.objects.get().body == HOSTILE


def test_five_hundred_comments_take_as_many_statements_as_one(acting, perform, queries_of):
    author = a_member()
    posts = [a_post(author) for _ in range(40)]
    perform(CreateComment(), {"post_id": posts[0].pk, "body": "Zero"}, keys=["zeroth"])
    # 13 comments on the first posts, 12 on the others: two different numbers to add.
    params = [{"post_id": posts[number % 40].pk, "body": f"Comment {number}"} for number in range(500)]
    one = queries_of(lambda: perform(CreateComment(), {"post_id": posts[0].pk, "body": "One"}, keys=["first"]))
    assert queries_of(lambda: perform(CreateComment(), *params)) == one
    counts = list(Post.objects.order_by("pk").values_list("comment_count", flat=True))
    assert counts == [15] + [13] * 19 + [12] * 20


def test_a_comment_of_an_app_is_removed_and_counted_off(acting, perform):
    post = a_post(a_member())
    first, second = perform(CreateComment(), *[{"post_id": post.pk, "body": "Hm"}] * 2)
    results = perform(RemoveComment(), *[{"comment_id": first["comment_id"]}] * 2, {"comment_id": 10**9})
    assert [(result["removed"], result["skipped"]) for result in results] == [
        (True, None),
        (False, "not_found"),
        (False, "not_found"),
    ]
    assert Comment.objects.get().pk == second["comment_id"]
    assert Post.objects.get().comment_count == 1


def test_a_members_own_comment_stays(acting, perform):
    member = a_member()
    comment = a_comment(a_post(member), member)
    [result] = perform(RemoveComment(), {"comment_id": comment.pk})
    assert result == {"comment_id": comment.pk, "removed": False, "skipped": "not_by_an_app"}
    assert Comment.objects.exists()


def test_removing_five_hundred_takes_as_many_statements_as_one(acting, perform, queries_of):
    post = a_post(Member.objects.create(display_name="Ada"))
    written = perform(CreateComment(), *({"post_id": post.pk, "body": str(number)} for number in range(501)))
    removals = [{"comment_id": result["comment_id"]} for result in written]
    one = queries_of(lambda: perform(RemoveComment(), removals[0]))
    assert queries_of(lambda: perform(RemoveComment(), *removals[1:])) == one
    assert Post.objects.get().comment_count == 0


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"post_id": 1},
        {"post_id": 1, "body": ""},
        {"post_id": 1, "body": " \n\t "},
        {"post_id": 1, "body": "x" * 16_385},
        {"post_id": 0, "body": "x"},
        {"post_id": True, "body": "x"},
        {"post_id": 1, "body": "x", "score": 9},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        CreateCommentParams.model_validate(params)
