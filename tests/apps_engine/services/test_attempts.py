"""How often a step is tried by its own rule, whatever became of the run before (RUN-03)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.retries import retry_run
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution, StepResult
from decommerce import stopping
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("RUN-03")


def failing(name: str = "fail", **more) -> dict:
    """A step that always fails, three times at most."""
    step = {"id": name, "act": "fail", "params": {"retryable": True}, "retry": {"max_attempts": 3, "base_seconds": 1}}
    return {**step, **more}


@pytest.fixture
def attempt(tenant, principal, plugins, members, owner_connection) -> Callable[..., str]:
    """Make the next attempt of a run of an app with these steps; returns the state it ended in."""
    runs: list[int] = []

    def once(*steps: dict, most: int = 5) -> str:
        if not runs:
            retry = {"max_attempts": most, "base_seconds": 1}
            with tenant_scope(tenant.pk):
                runs.append(
                    run_app(principal, create_app(principal, definition([*steps], settings={"retry": retry})).pk).pk
                )
        owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [runs[0]])
        return run_now(runs[0])

    return once


def test_a_step_that_may_fail_is_tried_again_before_the_run_goes_on_without_it(attempt, tenant):
    tell = {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "Hello"}}
    steps = [failing(on_error="continue"), tell]
    assert [attempt(*steps) for _ in range(3)] == ["queued", "queued", "succeeded"]
    with tenant_scope(tenant.pk):
        run, step = Execution.objects.get(), StepResult.objects.get(path="main/fail")
    assert (run.attempt, run.error, step.status, step.error["attempts"]) == (3, None, "tolerated", 3)


def test_a_step_is_tried_as_often_as_it_says_whatever_was_tried_before_it(attempt, tenant, sink):
    ask = {"id": "ask", "act": "ask", "params": {"url": sink.url, "text": "hello"}}
    steps = [ask, failing()]
    sink.silent.set()
    assert [attempt(*steps) for _ in range(2)] == ["queued", "queued"]
    sink.silent.clear()
    assert [attempt(*steps) for _ in range(3)] == ["queued", "queued", "dead"]
    with tenant_scope(tenant.pk):
        run = Execution.objects.get()
    assert (run.attempt, run.error["attempts"], run.error["path"]) == (5, 3, "main/fail")


def test_an_attempt_that_is_handed_back_forgets_nothing_of_those_before(attempt, tenant):
    assert attempt(failing()) == "queued"
    stopping.begin()
    try:
        assert attempt(failing()) == "queued"
    finally:
        stopping.forget()
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().error["attempts"] == 1
    assert [attempt(failing()) for _ in range(2)] == ["queued", "dead"]


def test_a_retry_by_hand_gives_the_step_all_its_attempts_again(attempt, tenant, principal):
    assert [attempt(failing()) for _ in range(3)] == ["queued", "queued", "dead"]
    with tenant_scope(tenant.pk):
        retry_run(principal, Execution.objects.get().pk)
    assert [attempt(failing()) for _ in range(3)] == ["queued", "queued", "dead"]
