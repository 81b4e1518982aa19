"""Outside calls whose worker dies between sending and hearing the answer (docs/execution.md 7 and 8, promise 3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps_engine.store.models import Effect, Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.scenarios.sink import Sink, running_sink
from tests.waiting import until


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


def telling(action: str, url: str) -> dict:
    """Tells the server when the run began, which no later attempt may change."""
    return definition(
        [{"id": "tell", "act": action, "params": {"url": url, "text": "run {{ run.id }} of {{ run.started_at }}"}}]
    )


def kill_after_sending(processes, sink, start_runs, action) -> list[int]:
    sink.silent.set()
    worker = processes.worker()
    runs = start_runs(telling(action, sink.url))
    until(lambda: sink.requests, "the request arrived")
    worker.kill()
    sink.silent.clear()
    return runs


@pytest.mark.requirement("RUN-05")
def test_a_server_that_honours_keys_gets_the_same_bytes_under_the_same_key_again(
    processes, sink, tenant, start_runs, wait_for_states
):
    (run,) = kill_after_sending(processes, sink, start_runs, "tell_keyed")
    processes.worker()
    wait_for_states([run], "succeeded")
    first, second = sink.requests
    assert first == second
    assert sink.receipts == {first[0]: 1}
    with tenant_scope(tenant.pk):
        effect = Effect.objects.get(execution_id=run)
    assert (effect.state, effect.response) == (Effect.State.DONE, {"receipt": 1})


@pytest.mark.requirement("RUN-05")
def test_a_server_that_can_be_asked_is_asked_and_not_told_twice(processes, sink, start_runs, wait_for_states, tenant):
    (run,) = kill_after_sending(processes, sink, start_runs, "tell_looked_up")
    processes.worker()
    wait_for_states([run], "succeeded")
    ((key, _),) = sink.requests
    assert sink.asked == [key]
    with tenant_scope(tenant.pk):
        assert Effect.objects.get(execution_id=run).response == {"receipt": 1}


def test_a_server_that_does_not_is_not_told_twice_and_the_admins_hear_that_nobody_knows(
    processes, sink, tenant, start_runs, wait_for_states, make_admin
):
    admin = make_admin(tenant)
    (run,) = kill_after_sending(processes, sink, start_runs, "tell_once")
    processes.worker()
    wait_for_states([run], "failed")
    assert len(sink.requests) == 1
    with tenant_scope(tenant.pk):
        assert Effect.objects.get(execution_id=run).state == Effect.State.UNKNOWN
        assert Execution.objects.get(pk=run).error["code"] == "effect_unknown"
        told = list(Notification.objects.filter(member=admin).order_by("pk").values_list("title", flat=True))
    assert told[0] == "“An app” made a call that may have been lost"
