"""Whoever keeps a list of tools is told of every change that makes it another one, whoever made the change (MCP-06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from apps_engine.services.apps import create_app, delete_app, pause_app, resume_app, update_app
from apps_engine.services.auto_pause import PAUSE_AFTER_FAILURES, pause_after_failures
from apps_engine.services.offering import offer_as_tool
from apps_engine.services.tool_changes import channel
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("MCP-06")
PATIENCE_SECONDS = 20


def fail_until_paused(app_id: int) -> None:
    """As a worker does after one failure too many."""
    App.objects.filter(pk=app_id).update(consecutive_errors=PAUSE_AFTER_FAILURES)
    pause_after_failures(app_id, {"message": "It failed."})


@pytest.fixture
def heard(tenant) -> Callable[[Callable[[], Any]], bool]:
    """Whether a change of the tenant is told."""

    def hear(change: Callable[[], Any]) -> bool:
        with Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as messages:
            messages.subscribe(channel())
            assert messages.get_message(timeout=PATIENCE_SECONDS)["type"] == "subscribe"
            with tenant_scope(tenant.pk):
                change()
            # A mark of our own, after which nothing of the change can come any more.
            client.publish(channel(), "over")
            told = []
            while (message := messages.get_message(timeout=PATIENCE_SECONDS)) and message["data"] != b"over":
                told.append(message["data"].decode())
        assert message is not None
        return str(tenant.pk) in told

    return hear


def test_every_change_of_an_offered_app_is_told(heard, tenant):
    principal = system_principal(tenant.pk, "the test")
    with tenant_scope(tenant.pk):
        app = create_app(principal, short_list()).pk
    assert heard(lambda: offer_as_tool(principal, app, True))
    assert heard(lambda: pause_app(principal, app))
    assert heard(lambda: resume_app(principal, app))
    assert heard(lambda: fail_until_paused(app))
    assert heard(lambda: resume_app(principal, app))
    assert heard(lambda: update_app(principal, app, short_list(description="Another one.")))
    assert heard(lambda: offer_as_tool(principal, app, False))
    assert not heard(lambda: pause_app(principal, app))
    assert heard(lambda: offer_as_tool(principal, app, True))
    assert heard(lambda: delete_app(principal, app))
