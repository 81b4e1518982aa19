"""A community to act on, definitions to act with, and a way to run them without a worker process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps_engine.services.execute import execute
from apps_engine.store.claims import claim
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


def run_now(execution_id: int) -> str:
    """Claim one execution as a worker would and run it; returns the state it ended in."""
    (claimed,) = claim("the test", 1, [execution_id])
    return execute(claimed)


def definition(steps: list[dict[str, Any]], trigger: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A definition with these steps, run by hand unless a trigger says otherwise."""
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "An app",
        "description": "What it is for.",
        "triggers": [{"id": "start", "flow": "main", **(trigger or {"type": "manual"})}],
        "flows": {"main": {"steps": steps}},
        **more,
    }


def flagging(below: int = 80) -> dict[str, Any]:
    """Flags posts shorter than `below` characters."""
    return definition(
        [
            {
                "id": "flag",
                "act": "flag_content",
                "params": {"post_id": "{{ trigger.post.id }}", "reason": "Only {{ trigger.post.body_length }} long"},
            }
        ],
        {"type": "event", "event": "post.created", "filter": {"post.body_length": {"lt": below}}},
        name="Flag short posts",
    )


def rewarding(**more: Any) -> dict[str, Any]:
    """Awards 5 XP to every member."""
    award = {
        "id": "award",
        "act": "award_xp",
        "params": {"member_id": "{{ member.id }}", "amount": 5, "reason": "Thanks"},
        **more,
    }
    return definition(
        [
            {"id": "members", "fetch": "users", "fields": ["id"], "limit": 1000},
            {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": [award]},
        ],
        name="Reward everyone",
    )
