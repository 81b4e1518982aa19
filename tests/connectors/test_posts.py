"""Posts as a definition sees them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from connectors.posts import Posts
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import BODY, CREATED, a_flag, a_member, a_post, a_room

pytestmark = pytest.mark.requirement("PIP-01")


def test_a_post_reads_as_declared_with_its_author_and_room(scope, read):
    author, room = a_member(), a_room()
    post = a_post(author, room=room, title="Hello", kind="question", score=3, comment_count=2, updated_at=CREATED)
    [row] = read(Posts())
    assert row == {
        "id": post.pk,
        "title": "Hello",
        "body": BODY,
        "body_length": 30,
        "kind": "question",
        "status": "published",
        "flagged": False,
        "score": 3,
        "comment_count": 2,
        "author_id": author.pk,
        "author_name": "Member 1",
        "room_id": room.pk,
        "room_name": "Room 1",
        "parent_id": None,
        "created_at": CREATED,
        "updated_at": CREATED,
    }


def test_a_post_without_a_room_is_read_too(scope, read):
    a_post(a_member())
    [row] = read(Posts())
    assert (row["room_id"], row["room_name"]) == (None, None)


def test_only_an_open_flag_makes_a_post_flagged(scope, read):
    author = a_member()
    flagged, settled, plain = (a_post(author) for _ in range(3))
    a_flag(flagged)
    a_flag(settled, resolved_at=timezone.now())
    assert {row["id"]: row["flagged"] for row in read(Posts())} == {
        flagged.pk: True,
        settled.pk: False,
        plain.pk: False,
    }


@pytest.mark.requirement("SEC-01")
def test_another_tenants_posts_are_not_read(tenant, other_tenant, read):
    with tenant_scope(other_tenant.pk):
        a_post(a_member())
    with tenant_scope(tenant.pk):
        assert read(Posts()) == []
