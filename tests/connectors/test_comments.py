"""Comments as a definition sees them."""

from __future__ import annotations

import pytest

from connectors.comments import Comments
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import BODY, CREATED, a_comment, a_member, a_post

pytestmark = pytest.mark.requirement("PIP-01")


def test_a_comment_reads_as_declared_with_its_author_and_post(scope, read):
    author, commenter = a_member(1), a_member(2)
    post = a_post(author, title="Hello")
    comment = a_comment(post, commenter, score=4)
    assert read(Comments()) == [
        {
            "id": comment.pk,
            "body": BODY,
            "score": 4,
            "post_id": post.pk,
            "post_title": "Hello",
            "author_id": commenter.pk,
            "author_name": "Member 2",
            "created_at": CREATED,
        }
    ]


@pytest.mark.requirement("SEC-01")
def test_another_tenants_comments_are_not_read(tenant, other_tenant, read):
    with tenant_scope(other_tenant.pk):
        author = a_member()
        a_comment(a_post(author), author)
    with tenant_scope(tenant.pk):
        assert read(Comments()) == []
