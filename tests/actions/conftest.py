"""A run's context, and a receiver of webhooks that the tenant's calls reach by the operator's settings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps_engine.contracts import ActionContext
from tests.decommerce.outgoing.conftest import LOCAL, authority, receiver

__all__ = ["authority", "receiver"]


@pytest.fixture
def context(tenant) -> ActionContext:
    """The context of a run of some app of the tenant."""
    return ActionContext(
        tenant_id=tenant.pk, app_id=7, app_name="The app", execution_id=8, now=datetime(2026, 11, 21, 9, tzinfo=UTC)
    )


@pytest.fixture
def reachable(authority, receiver, settings) -> str:
    """The URL of the receiver, which the operator's settings let through the door."""
    settings.OUTGOING_PORTS = [receiver.port]
    settings.OUTGOING_HOSTS = [f"hooks.example.com={LOCAL}"]
    settings.OUTGOING_CA_BUNDLE = str(authority.bundle)
    return f"https://hooks.example.com:{receiver.port}"
