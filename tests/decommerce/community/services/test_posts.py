"""Posts are written, edited and moved between statuses."""

from __future__ import annotations

import pytest

from decommerce.community.models import Post
from decommerce.community.services import posts
from decommerce.community.services.statuses import StatusChange
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_a_new_post_is_counted_and_announced_exactly_so(tenant, make_member, make_room, published):
    author, room = make_member(), make_room()
    with tenant_scope(tenant.pk):
        post = posts.create_post(author_id=author.pk, room_id=room.pk, title="Boots", body="Größe 42?")
        author.refresh_from_db()
        room.refresh_from_db()
    assert post.body_length == 9
    assert author.last_active_at is not None
    assert room.last_activity_at is not None
    (envelope,) = published.envelopes(tenant)
    assert envelope["dedupekey"] == f"post.created:{post.pk}"
    assert envelope["data"] == {
        "post": {
            "id": post.pk,
            "title": "Boots",
            "body": "Größe 42?",
            "body_length": 9,
            "status": "published",
            "score": 0,
            "room_id": room.pk,
            "author_id": author.pk,
        },
        "author": {
            "id": author.pk,
            "display_name": author.display_name,
            "email": author.email,
            "role": "member",
        },
    }


def test_each_post_of_a_batch_has_its_own_outcome(tenant, other_tenant, make_member, make_room):
    author, suspended = make_member(), make_member(status="suspended")
    stranger, foreign_room = make_member(other_tenant), make_room(other_tenant)
    archived = make_room(status="archived")
    new = posts.NewPost
    with tenant_scope(tenant.pk):
        results = posts.create_posts(
            [
                new(author.pk, "First", idem_key="one"),
                new(author.pk, "First, again", idem_key="one"),
                new(stranger.pk, "Not mine"),
                new(suspended.pk, "Let me in"),
                new(author.pk, "Where?", room_id=foreign_room.pk),
                new(author.pk, "Too late", room_id=archived.pk),
                new(author.pk, "Yes.", parent_id=10**9),
                new(author.pk, " \x00 "),
                new(author.pk, "x" * (posts.MAX_BODY + 1)),
                new(author.pk, "Hm", title="t" * 301),
                new(author.pk, "Last"),
            ]
        )
        assert [result.outcome for result in results] == [
            "created",
            "duplicate",
            "author_not_found",
            "author_suspended",
            "room_not_found",
            "room_archived",
            "parent_not_found",
            "body_empty",
            "body_too_long",
            "title_too_long",
            "created",
        ]
        assert results[1].post_id == results[0].post_id
        assert Post.objects.count() == 2


def test_a_post_that_cannot_be_written_says_why(tenant, make_member):
    author = make_member()
    with tenant_scope(tenant.pk), pytest.raises(posts.PostRefused, match="needs a text") as refused:
        posts.create_post(author_id=author.pk, body="")
    assert refused.value.code == "body_empty"


def test_characters_that_cannot_be_stored_are_left_out(tenant, make_member):
    author = make_member()
    with tenant_scope(tenant.pk):
        post = posts.create_post(author_id=author.pk, body="a\x00b\ud800c", title="\x00t")
        assert (post.body, post.title, post.body_length) == ("abc", "t", 3)


def test_an_edited_post_is_announced_with_what_changed(tenant, make_post, published):
    post = make_post(body="Old", title="Same")
    with tenant_scope(tenant.pk):
        posts.edit_post(post.pk, body="New and longer", title="Same")
        posts.edit_post(post.pk, body="New and longer")
    (envelope,) = published.envelopes(tenant)
    assert envelope["type"] == "post.updated"
    assert envelope["data"]["changed"] == ["body"]
    assert envelope["data"]["post"]["body_length"] == 14


def test_a_status_is_announced_with_the_one_before(tenant, make_post, published):
    post, hidden = make_post(), make_post(status="hidden")
    with tenant_scope(tenant.pk):
        results = posts.set_post_status(
            [
                StatusChange(post.pk, "hidden"),
                StatusChange(hidden.pk, "hidden"),
                StatusChange(10**9, "hidden"),
            ]
        )
    assert [result.outcome for result in results] == ["changed", "unchanged", "not_found"]
    (envelope,) = published.envelopes(tenant)
    assert envelope["data"]["previous_status"] == "published"
    assert envelope["data"]["post"]["status"] == "hidden"
