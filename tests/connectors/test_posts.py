"""Posts as a definition sees them."""

from __future__ import annotations

import pytest

from connectors.posts import Posts
from decommerce.community.models import Reaction
from tests.connectors.rows import BODY, CREATED, a_comment, a_flag, a_member, a_post, a_room
from tests.connectors.world import NOW, ago

pytestmark = pytest.mark.requirement("PIP-01")


def test_a_post_reads_as_declared_with_its_author_and_room(scope, read):
    author, room = a_member(xp=40), a_room()
    post = a_post(author, room=room, title="Hello", kind="question", score=3, comment_count=2, updated_at=CREATED)
    assert read(Posts()) == [
        {
            "id": post.pk,
            "title": "Hello",
            "body": BODY,
            "body_length": 30,
            "kind": "question",
            "status": "published",
            "score": 3,
            "comment_count": 2,
            "author_id": author.pk,
            "author_name": "Member 1",
            "author_email": "member1@example.com",
            "author_joined_at": "2026-11-20T08:15:00Z",
            "author_xp": 40,
            "room_id": room.pk,
            "room_name": "Room 1",
            "parent_id": None,
            "parent_title": None,
            "created_at": "2026-11-20T08:15:00Z",
            "updated_at": "2026-11-20T08:15:00Z",
            "flagged": False,
            "flags_open": 0,
            "answers_count": 0,
            "reactions_count": 0,
            "reactions_7d": 0,
            "comments_7d": 0,
            "responses_count": 0,
            "last_comment_at": None,
            "hours_since_created": 24,
            "days_since_created": 1,
        }
    ]


def test_an_answer_names_its_question(scope, read):
    question = a_post(a_member(), title="Why?")
    answer = a_post(a_member(2), parent=question, kind="answer")
    assert read(Posts(), "parent_id", "parent_title", where={"id": answer.pk}) == [
        {"parent_id": question.pk, "parent_title": "Why?"}
    ]


def test_only_an_open_flag_makes_a_post_flagged(scope, read):
    author = a_member()
    flagged, settled, plain = (a_post(author) for _ in range(3))
    a_flag(flagged)
    a_flag(flagged, raised_by_label="somebody else")
    a_flag(settled, resolved_at=NOW)
    found = {row["id"]: (row["flagged"], row["flags_open"]) for row in read(Posts(), "id", "flagged", "flags_open")}
    assert found == {flagged.pk: (True, 2), settled.pk: (False, 0), plain.pk: (False, 0)}


def test_what_came_back_is_counted(scope, read):
    author, other = a_member(1), a_member(2)
    post = a_post(author, kind="question", created_at=ago(20))
    for days in (1, 8):
        a_comment(post, other, created_at=ago(days))
        a_post(other, parent=post, kind="answer", created_at=ago(days))
        Reaction.objects.create(post=post, kind="like", created_at=ago(days))
    a_post(other, parent=post, kind="answer", status="removed")
    fields = ("answers_count", "reactions_count", "reactions_7d", "comments_7d", "responses_count", "last_comment_at")
    [row] = read(Posts(), *fields, where={"id": post.pk})
    assert tuple(row.values()) == (2, 2, 1, 1, 6, "2026-11-20T09:00:00Z")
