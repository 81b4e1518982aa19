"""A community to act on, and actions that only tests need."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from decommerce.community.services.members import NewMember, join_many
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.scheduling import TELL
from tests.scenarios.plugins.actions import ACTIONS
from tests.scenarios.sink import Sink, running_sink


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


@pytest.fixture
def hourly(tenant, principal):
    """An app that fires at every full hour."""
    trigger = {"type": "scheduled", "cron": "0 * * * *", "timezone": "Europe/Zurich"}
    with tenant_scope(tenant.pk):
        return create_app(principal, definition([TELL], trigger))


@pytest.fixture
def plugins() -> Iterator[None]:
    """The actions of the scenarios: one that fails, and those that talk to a server of the test."""
    registry.add_actions(ACTIONS)
    vars(registry).pop("catalogue", None)
    yield
    for action in ACTIONS:
        del registry.actions[action.name]
    vars(registry).pop("catalogue", None)


@pytest.fixture
def sink(plugins) -> Iterator[Sink]:
    """A server outside."""
    with running_sink() as running:
        yield running
