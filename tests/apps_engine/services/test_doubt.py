"""Calls outside of which nobody knows whether they arrived, by what the other side offers (docs/execution.md 8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.finish import finish_dead
from apps_engine.services.overview import attention
from apps_engine.services.retries import retry_run
from apps_engine.services.runs import run_app
from apps_engine.services.settling import settle_effect
from apps_engine.store.models import Effect, Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("RUN-05")


LOST = "“An app” made a call that may have been lost"


def told(tenant, member) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(Notification.objects.filter(member=member).order_by("pk").values_list("title", flat=True))


@pytest.fixture
def attempt(tenant, principal, sink, owner_connection) -> Callable[..., str]:
    """Make the next attempt of a run that tells a server outside; returns the state it ended in."""
    runs: list[int] = []

    def once(action: str, most: int = 5, **step: str) -> str:
        if not runs:
            told = {"id": "told", "act": action, "params": {"url": sink.url, "text": "hello"}, **step}
            retry = {"max_attempts": most, "base_seconds": 1}
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
    assert told(tenant, admin) == [LOST]


@pytest.mark.parametrize(
    ("step", "state", "titles"),
    [({"on_error": "continue"}, "succeeded", [LOST]), ({}, "dead", ["“An app” failed", LOST])],
)
def test_a_run_that_is_over_leaves_no_call_claimed_of_which_nobody_knows(
    attempt, sink, tenant, principal, make_admin, step, state, titles
):
    admin = make_admin(tenant)
    sink.silent.set()
    assert attempt("tell_keyed", most=1, **step) == state
    assert told(tenant, admin) == titles
    with tenant_scope(tenant.pk):
        (doubt,) = attention(principal).doubts
        assert doubt.state == Effect.State.UNKNOWN
        assert settle_effect(principal, doubt.execution_id, doubt.pk, "done").state == Effect.State.DONE
        assert not attention(principal).doubts


def test_a_call_in_doubt_is_made_again_under_its_key_by_a_retry_of_the_run(attempt, sink, tenant, principal):
    sink.silent.set()
    assert attempt("tell_keyed", most=1) == "dead"
    sink.silent.clear()
    with tenant_scope(tenant.pk):
        retry_run(principal, Execution.objects.get().pk)
    assert attempt("tell_keyed") == "succeeded"
    first, second = sink.requests
    assert first == second
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().state == Effect.State.DONE
        assert not attention(principal).doubts


def test_a_call_of_a_run_whose_worker_died_at_the_last_attempt_is_in_doubt(attempt, sink, tenant, make_admin):
    admin = make_admin(tenant)
    sink.silent.set()
    assert attempt("tell_keyed", most=2) == "queued"
    with tenant_scope(tenant.pk):
        run = Execution.objects.select_related("app", "version").get()
        assert Effect.objects.get().state == Effect.State.CLAIMED
        Execution.objects.update(state=Execution.State.RUNNING)
        finish_dead(run)
        assert Effect.objects.get().state == Effect.State.UNKNOWN
    assert LOST in told(tenant, admin)


def test_a_call_that_only_reads_is_in_no_doubt_when_its_answer_is_lost(attempt, sink, tenant, make_admin):
    admin = make_admin(tenant)
    sink.silent.set()
    assert attempt("ask", most=1, on_error="continue") == "succeeded"
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().state == Effect.State.FAILED
    assert told(tenant, admin) == []


def test_a_call_that_another_run_takes_over_ends_with_that_run(sink, tenant, principal):
    sink.silent.set()
    params = {"url": sink.url, "text": "hello"}
    told = {"id": "told", "act": "tell_keyed", "params": params, "once_per": "a word"}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([told], settings={"retry": {"max_attempts": 1}})).pk
    for _ in range(2):
        with tenant_scope(tenant.pk):
            run = run_app(principal, app).pk
        assert run_now(run) == "dead"
        with tenant_scope(tenant.pk):
            (call,) = attention(principal).doubts
            assert (call.execution_id, call.state) == (run, Effect.State.UNKNOWN)
    first, second = sink.requests
    assert first == second
