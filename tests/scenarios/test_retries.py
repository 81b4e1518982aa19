"""Runs that fail: again later, dead at last, and the app paused when that goes on (RUN-03, RUN-06)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_engine.store.claims import claim
from apps_engine.store.models import App, Execution
from decommerce.community.founding import seat
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from workers.runner import run_hinted
from workers.sweep import sweep


def failing(retryable: bool, **more: object) -> dict:
    """Always fails, at most three times a run."""
    step = {"id": "fail", "act": "fail", "params": {"retryable": retryable, **more}}
    retry = {"max_attempts": 3, "backoff": "exponential", "base_seconds": 100}
    return definition([step], settings={"retry": retry, "concurrency": {"mode": "parallel"}}, name="Failing")


@pytest.fixture
def make_due(owner_connection) -> Callable[[], None]:
    """As if every backoff were over."""
    return lambda: owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE state = 'queued'")


@pytest.fixture
def run_of(tenant) -> Callable[[int], Execution]:
    def read(run: int) -> Execution:
        with tenant_scope(tenant.pk):
            return Execution.objects.get(pk=run)

    return read


@pytest.mark.requirement("RUN-03")
def test_a_failure_that_may_pass_is_tried_again_ever_later_and_is_dead_at_last(start_runs, run_of, make_due):
    (run,) = start_runs(failing(retryable=True))
    for attempt, seconds in ((1, 100), (2, 200)):
        before = timezone.now()
        assert run_hinted([run]) == 1
        tried = run_of(run)
        assert (tried.state, tried.attempt, tried.error["code"]) == (Execution.State.QUEUED, attempt, "never_works")
        wait = tried.run_at - before
        assert timedelta(seconds=seconds * 0.8) <= wait <= timedelta(seconds=seconds * 1.2 + 5)
        assert run_hinted([run]) == 0, "it is not due yet"
        make_due()
    assert run_hinted([run]) == 1
    assert (run_of(run).state, run_of(run).attempt) == (Execution.State.DEAD, 3)


@pytest.mark.requirement("RUN-03")
def test_a_step_that_may_be_tried_more_often_than_its_app_is_so_though_a_worker_is_lost_in_between(
    start_runs, run_of, make_due, owner_connection
):
    step = {"id": "fail", "act": "fail", "params": {"retryable": True}, "retry": {"max_attempts": 4}}
    settings = {"retry": {"max_attempts": 1}, "concurrency": {"mode": "parallel"}}
    (run,) = start_runs(definition([step], settings=settings, name="Failing"))
    assert run_hinted([run]) == 1
    make_due()
    assert claim("a worker that dies", 1, [run])
    owner_connection.execute("UPDATE engine_execution SET lease_until = now() WHERE state = 'running'")
    sweep()
    # The step failed once so far: the worker was lost by the run.
    for attempt, state in ((3, Execution.State.QUEUED), (4, Execution.State.QUEUED), (5, Execution.State.DEAD)):
        make_due()
        run_hinted([run])
        assert (run_of(run).attempt, run_of(run).state, run_of(run).error["code"]) == (attempt, state, "never_works")


@pytest.mark.requirement("RUN-03")
@pytest.mark.parametrize(("asked", "least", "most"), [(5, 80, 120), (1_000, 1_000, 1_200), (86_400, 21_600, 25_920)])
def test_who_asks_to_wait_is_waited_for_within_what_the_platform_allows(start_runs, run_of, asked, least, most):
    (run,) = start_runs(failing(retryable=True, retry_after=asked))
    before = timezone.now()
    assert run_hinted([run]) == 1
    tried = run_of(run)
    assert (tried.state, tried.error["retryable"], tried.error["retry_after"]) == (Execution.State.QUEUED, True, asked)
    assert timedelta(seconds=least) <= tried.run_at - before <= timedelta(seconds=most + 5)


@pytest.mark.requirement("RUN-03")
def test_a_failure_that_stays_is_not_tried_again(start_runs, run_of):
    (run,) = start_runs(failing(retryable=False))
    assert run_hinted([run]) == 1
    assert (run_of(run).state, run_of(run).attempt) == (Execution.State.FAILED, 1)
    assert run_of(run).error["path"] == "main/fail"


@pytest.mark.requirement("RUN-06")
def test_five_failures_in_a_row_pause_the_app_tell_its_admins_once_and_leave_the_others_waiting(
    tenant, start_runs, states
):
    seat(tenant, f"owner@{tenant.slug}.example", "owner", display_name="Owner")
    runs = start_runs(failing(retryable=False), 7)
    run_hinted(runs)
    assert sorted(states(runs)) == ["failed"] * 5 + ["queued"] * 2
    with tenant_scope(tenant.pk):
        app = App.objects.get()
        assert (app.status, app.errors, app.consecutive_errors) == (App.Status.ERROR, 5, 5)
        assert "5 failures in a row" in app.status_reason
        told = Notification.objects.order_by("pk").values_list("title", flat=True)
        assert list(told) == ["“Failing” failed", "“Failing” was paused"]
