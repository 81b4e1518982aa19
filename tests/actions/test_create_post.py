"""Writing posts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.create_post import CreatePost, CreatePostParams
from decommerce.community.models import OutboxEvent, Post, RoomStatus
from decommerce.community.services.members import house_member
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member, a_post, a_room

pytestmark = pytest.mark.requirement("ACT-01")

HOSTILE = "<img src=x onerror=alert(1)> {{ 7 * 7 }} \u202e"


def test_a_post_is_written_as_the_communitys_team_and_told_as_an_event(acting, perform):
    room = a_room()
    [result] = perform(CreatePost(), {"title": "Hello", "body": "Welcome!", "room_id": room.pk})
    post = Post.objects.get()
    assert result == {"post_id": post.pk, "created": True, "skipped": None}
    assert (post.title, post.body, post.body_length, post.room_id) == ("Hello", "Welcome!", 8, room.pk)
    assert (post.author_id, post.app_id, post.kind) == (house_member().pk, 7, "post")
    [event] = [row.envelope for row in OutboxEvent.objects.all()]
    assert (event["type"], event["chain"]) == ("post.created", "7")


def test_a_post_is_written_as_a_member_and_as_an_answer(acting, perform):
    author = a_member()
    question = a_post(author)
    perform(CreatePost(), {"body": "Yes.", "author_id": str(author.pk), "parent_id": question.pk})
    answer = Post.objects.get(parent=question)
    assert (answer.author_id, answer.kind) == (author.pk, "answer")


@pytest.mark.requirement("RUN-05")
def test_the_same_call_again_writes_nothing_more(acting, perform):
    [first] = perform(CreatePost(), {"body": "Welcome!"}, keys=["run:8:main/post"])
    [second] = perform(CreatePost(), {"body": "Welcome!"}, keys=["run:8:main/post"])
    assert second == {"post_id": first["post_id"], "created": False, "skipped": "duplicate"}
    assert Post.objects.count() == 1


@pytest.mark.requirement("RUN-05")
def test_a_key_longer_than_its_column_still_tells_calls_apart(acting, perform):
    keys = [f"once:7:{'k' * 400}{number}" for number in range(2)]
    perform(CreatePost(), {"body": "a"}, {"body": "b"}, keys=keys)
    [again] = perform(CreatePost(), {"body": "b"}, keys=keys[1:])
    assert again["skipped"] == "duplicate"
    assert sorted(Post.objects.values_list("body", flat=True)) == ["a", "b"]


def test_what_cannot_be_written_is_said_item_by_item(acting, perform):
    archived, suspended = a_room(1), a_member(1, status="suspended")
    archived.status = RoomStatus.ARCHIVED
    archived.save()
    results = perform(
        CreatePost(),
        {"body": "a", "room_id": archived.pk},
        {"body": "b", "author_id": suspended.pk},
        {"body": "c", "room_id": 10**9},
        {"body": "d", "author_id": 10**9},
        {"body": "e", "parent_id": 10**9},
        {"body": "f"},
    )
    assert [result["skipped"] for result in results] == [
        "room_archived",
        "author_suspended",
        "room_not_found",
        "author_not_found",
        "parent_not_found",
        None,
    ]
    assert [post.body for post in Post.objects.all()] == ["f"]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_room_and_member_are_not_found(tenant, other_tenant, perform):
    with tenant_scope(other_tenant.pk):
        room, member = a_room(), a_member()
    with tenant_scope(tenant.pk):
        results = perform(CreatePost(), {"body": "a", "room_id": room.pk}, {"body": "b", "author_id": member.pk})
        assert [result["skipped"] for result in results] == ["room_not_found", "author_not_found"]
        assert not Post.objects.exists()


def test_hostile_text_is_stored_as_text(acting, perform):
    perform(CreatePost(), {"title": HOSTILE, "body": HOSTILE + "\x00"})
    post = Post.objects.get()
    assert (post.title, post.body) == (HOSTILE, HOSTILE)


def test_five_hundred_posts_take_as_many_statements_as_one(acting, perform, queries_of):
    room, author = a_room(), a_member()
    perform(CreatePost(), {"body": "Zero"}, keys=["zeroth"])
    params = [
        {"body": f"Post {number}", "room_id": room.pk, **({"author_id": author.pk} if number % 2 else {})}
        for number in range(500)
    ]
    one = queries_of(lambda: perform(CreatePost(), {"body": "One", "room_id": room.pk}, keys=["first"]))
    assert queries_of(lambda: perform(CreatePost(), *params)) == one
    assert Post.objects.count() == 502


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"body": ""},
        {"body": " \n\t "},
        {"body": "x" * 65537},
        {"body": "x", "title": "t" * 301},
        {"body": "x", "room_id": 0},
        {"body": 7},
        {"body": "x", "status": "removed"},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        CreatePostParams.model_validate(params)
