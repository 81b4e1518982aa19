"""Comments are counted at their post."""

from __future__ import annotations

import pytest

from decommerce.community.models import Comment
from decommerce.community.services import comments
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("PIP-01"), pytest.mark.requirement("TRG-08")]


def test_comments_are_counted_at_their_post(tenant, other_tenant, make_post, make_member, published):
    post, author, foreign = make_post(), make_member(), make_post(other_tenant)
    new = comments.NewComment
    with tenant_scope(tenant.pk):
        results = comments.create_comments(
            [
                new(post.pk, author.pk, "One", "k1"),
                new(post.pk, author.pk, "One", "k1"),
                new(post.pk, author.pk, "Two"),
                new(foreign.pk, author.pk, "Three"),
                new(post.pk, 10**9, "Four"),
                new(post.pk, author.pk, "  "),
            ]
        )
        assert [result.outcome for result in results] == [
            "created",
            "duplicate",
            "created",
            "post_not_found",
            "author_not_found",
            "body_empty",
        ]
        post.refresh_from_db()
        assert post.comment_count == 2 == Comment.objects.count()
    assert published.types(tenant) == ["comment.created"] * 2
