"""Calls outside of which nobody knows whether they arrived, by what the other side offers (docs/execution.md 8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import Effect, Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("RUN-05")


@pytest.fixture
def attempt(tenant, principal, sink, owner_connection) -> Callable[[str], str]:
    """Make the next attempt of a run that tells a server outside; returns the state it ended in."""
    runs: list[int] = []

    def once(action: str, **step: str) -> str:
        if not runs:
            told = {"id": "told", "act": action, "params": {"url": sink.url, "text": "hello"}, **step}
            retry = {"max_attempts": 5, "base_seconds": 1}
            with tenant_scope(tenant.pk):
                app = create_app(principal, definition([told], settings={"retry": retry}))
                runs.append(run_app(principal, app.pk).pk)
        owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [runs[0]])
        return run_now(runs[0])

    return once


def test_as_long_as_the_other_side_cannot_be_asked_the_call_is_not_made_again(attempt, sink, tenant):
    sink.silent.set()
    assert attempt("tell_looked_up") == "queued"
    sink.silent.clear()
    sink.unaskable = True
    assert attempt("tell_looked_up") == "queued"
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().error["code"] == "cannot_be_asked"
        assert Effect.objects.get().state == Effect.State.CLAIMED
    sink.unaskable = False
    assert attempt("tell_looked_up") == "succeeded"
    assert (len(sink.requests), len(sink.asked)) == (1, 2)


def test_a_call_that_the_other_side_has_not_got_is_made(attempt, sink):
    sink.silent.set()
    assert attempt("tell_looked_up") == "queued"
    sink.silent.clear()
    sink.receipts.clear()
    assert attempt("tell_looked_up") == "succeeded"
    first, second = sink.requests
    assert first == second
    assert sink.asked == [first[0]]


def test_the_admins_hear_of_a_lost_call_also_where_the_app_goes_on(attempt, sink, tenant, make_admin):
    admin = make_admin(tenant)
    sink.silent.set()
    assert attempt("tell_once", on_error="continue") == "succeeded"
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().state == Effect.State.UNKNOWN
        titles = list(Notification.objects.filter(member=admin).values_list("title", flat=True))
    assert titles == ["“An app” made a call that may have been lost"]
