"""When an app works again its admins are told, at most once a day (RUN-06)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import create_app, resume_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import App
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("RUN-06")


@pytest.fixture
def run(tenant, principal, make_admin, sink):
    """Run the app once, against a server that refuses or not; returns the state it ended in."""
    make_admin(tenant)
    ask = {"id": "ask", "act": "ask", "params": {"url": sink.url, "text": "hello"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([ask]))

    def once(*, refused: bool) -> str:
        sink.refused = {b"hello"} if refused else set()
        with tenant_scope(tenant.pk):
            execution = run_app(principal, app.pk)
        return run_now(execution.pk)

    return once


def told(tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(Notification.objects.order_by("pk").values_list("title", flat=True))


def test_a_failure_and_the_recovery_are_told_once_a_day_however_often_they_alternate(tenant, run):
    for _ in range(3):
        assert run(refused=True) == "failed"
        assert run(refused=False) == "succeeded"
    assert told(tenant) == ["“An app” failed", "“An app” works again"]


def test_an_app_that_always_worked_tells_nothing(tenant, run):
    assert run(refused=False) == run(refused=False) == "succeeded"
    assert told(tenant) == []


def test_an_app_that_was_paused_and_resumed_tells_that_it_works_again(tenant, principal, run):
    for _ in range(5):
        run(refused=True)
    with tenant_scope(tenant.pk):
        app = App.objects.get()
        assert app.status == "error"
        assert "5 failures" in resume_app(principal, app.pk).status_reason
    assert run(refused=False) == "succeeded"
    assert told(tenant) == ["“An app” failed", "“An app” was paused", "“An app” works again"]
    with tenant_scope(tenant.pk):
        assert App.objects.get().status_reason == ""
        assert "5 failures" in Notification.objects.get(title="“An app” works again").body
