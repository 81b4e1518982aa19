"""A push service and a member."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from tests.connectors.rows import a_member
from tests.decommerce.outgoing.conftest import authority
from tests.decommerce.push.push_service import PushService

__all__ = ["authority"]


@pytest.fixture
def push_service(authority, settings) -> Iterator[PushService]:
    """The push service that the settings let through."""
    service = PushService(authority, settings)
    yield service
    service.stop()


@pytest.fixture
def member(tenant) -> Member:
    """A member of the tenant."""
    with tenant_scope(tenant.pk):
        return a_member()
