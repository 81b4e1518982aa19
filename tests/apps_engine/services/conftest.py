"""A community to act on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from decommerce.community.services.members import NewMember, join_many
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.tenancy.context import tenant_scope


@pytest.fixture
def members(tenant):
    """Three members of the tenant."""
    with tenant_scope(tenant.pk):
        return join_many([NewMember(f"Member {n}", f"m{n}@{tenant.slug}.example") for n in range(3)])


@pytest.fixture
def write_post(members, tenant) -> Callable[..., int]:
    """Write a post as the first member; returns its id."""

    def write(body: str, title: str = "A title") -> int:
        with tenant_scope(tenant.pk):
            return create_posts([NewPost(author_id=members[0].pk, title=title, body=body)])[0].post_id

    return write
