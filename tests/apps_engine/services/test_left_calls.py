"""Calls of runs that ended under their worker: the sweep leaves them in doubt, in sight (docs/execution.md 8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.services.apps import create_app, delete_app
from apps_engine.services.overview import attention
from apps_engine.services.runs import cancel_run, run_app
from apps_engine.store.models import Effect, Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from workers.sweep import doubt_left_calls

pytestmark = pytest.mark.requirement("RUN-05")


@pytest.fixture
def waiting_run(tenant, principal, sink) -> Callable[[str], Execution]:
    """A run that waits for its next attempt: of its call to a server nobody heard an answer."""

    def run(action: str) -> Execution:
        told = {"id": "told", "act": action, "params": {"url": sink.url, "text": "hello"}}
        retry, concurrency = {"max_attempts": 5, "base_seconds": 60}, {"mode": "restart"}
        with tenant_scope(tenant.pk):
            app = create_app(principal, definition([told], settings={"retry": retry, "concurrency": concurrency}))
            number = run_app(principal, app.pk).pk
        sink.silent.set()
        assert run_now(number) == "queued"
        with tenant_scope(tenant.pk):
            assert Effect.objects.get().state == Effect.State.CLAIMED
            return Execution.objects.get(pk=number)

    return run


def _cancel(principal: Principal, run: Execution) -> None:
    cancel_run(principal, run.pk)


def _replace(principal: Principal, run: Execution) -> None:
    run_app(principal, run.app_id)


def _delete(principal: Principal, run: Execution) -> None:
    delete_app(principal, run.app_id)


@pytest.mark.parametrize("end", [_cancel, _replace, _delete])
def test_a_call_of_a_run_that_was_ended_during_it_is_in_doubt_and_the_admins_are_told_once(
    tenant, principal, make_admin, waiting_run, end: Callable[[Principal, Execution], None]
):
    admin = make_admin(tenant)
    run = waiting_run("tell_keyed")
    with tenant_scope(tenant.pk):
        end(principal, run)
    for _ in range(2):
        doubt_left_calls()
    with tenant_scope(tenant.pk):
        assert Execution.objects.get(pk=run.pk).state == Execution.State.CANCELLED
        assert [doubt.execution_id for doubt in attention(principal).doubts] == [run.pk]
        titles = Notification.objects.filter(member=admin).values_list("title", flat=True)
        assert list(titles) == ["“An app” made a call that may have been lost"]


def test_the_call_of_a_run_that_is_to_be_tried_again_stays_claimed(tenant, waiting_run):
    waiting_run("tell_keyed")
    doubt_left_calls()
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().state == Effect.State.CLAIMED
