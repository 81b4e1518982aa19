"""Comments as a definition sees them."""

from __future__ import annotations

import pytest

from connectors.comments import Comments
from tests.connectors.rows import BODY, a_comment, a_member, a_post, a_room

pytestmark = pytest.mark.requirement("PIP-01")


def test_a_comment_reads_as_declared_with_its_author_and_post(scope, read):
    author, commenter, room = a_member(1), a_member(2, email=None), a_room()
    post = a_post(author, title="Hello", room=room)
    comment = a_comment(post, commenter, score=4)
    assert read(Comments()) == [
        {
            "id": comment.pk,
            "body": BODY,
            "score": 4,
            "author_id": commenter.pk,
            "author_name": "Member 2",
            "author_email": None,
            "author_joined_at": "2026-11-20T08:15:00Z",
            "post_id": post.pk,
            "post_title": "Hello",
            "post_author_id": author.pk,
            "post_author_name": "Member 1",
            "post_author_email": "member1@example.com",
            "room_id": room.pk,
            "room_name": "Room 1",
            "created_at": "2026-11-20T08:15:00Z",
            "body_length": 30,
            "hours_since_created": 24,
            "days_since_created": 1,
        }
    ]
