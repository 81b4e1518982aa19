"""Workers killed around what an app remembers and what it sets for later (RUN-09, ACT-09, docs/execution.md 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps_engine.store.models import AppState, Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.scenarios.plugins.gates import Gate
from tests.scenarios.sink import Sink, running_sink
from tests.waiting import until

COUNT = {"id": "count", "act": "state_update", "params": {"data": {"n": "{{ (state.n | default: 0) + 1 }}"}}}
LATER = {"id": "later", "act": "schedule_task", "params": {"flow": "remind", "delay": "1h", "data": {"n": 1}}}
REMIND = {"steps": [{"id": "note", "act": "state_update", "params": {"data": {"reminded": True}}}]}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def remembered(tenant) -> Callable[[], Any]:
    """What the tenant's one app remembers, as far as it is committed."""

    def read() -> Any:
        with tenant_scope(tenant.pk):
            return AppState.objects.values_list("data", flat=True).first()

    return read


@pytest.fixture
def tasks(tenant) -> Callable[[], list[int]]:
    """The tasks that are set, as far as it is committed."""

    def read() -> list[int]:
        with tenant_scope(tenant.pk):
            return list(Execution.objects.filter(trigger_type="task").values_list("pk", flat=True))

    return read


def hold(member: int, gate: Gate) -> dict[str, Any]:
    """A step that waits at the gate, in the transaction of the steps before it."""
    params = {"member_id": member, "text": "held", "number": 1, "hold_at": 1, "gate": gate.path}
    return {"id": "hold", "act": "stamp", "params": params}


def call(sink: Sink) -> dict[str, Any]:
    """A step before which everything is committed, and which gets no answer while the server is silent."""
    return {"id": "tell", "act": "tell_keyed", "params": {"url": sink.url, "text": "hello"}}


def app(*steps: dict[str, Any]) -> dict[str, Any]:
    return definition([], flows={"main": {"steps": list(steps)}, "remind": REMIND})


@pytest.mark.requirement("RUN-09")
@pytest.mark.requirement("ACT-09")
def test_killed_before_the_commit_nothing_is_remembered_or_set_and_then_it_is_once(
    processes, members, gate, start_runs, wait_for_states, remembered, tasks
):
    (member,) = members(1)
    gate.close()
    worker = processes.worker()
    # What a task was set by is committed before the next step begins: others wait for the quota that it counts in.
    run = start_runs(app(COUNT, hold(member, gate), LATER))
    until(gate.reached, "the first step is done and not committed")
    worker.kill()
    assert (remembered(), tasks()) == (None, [])
    gate.open()
    processes.worker()
    wait_for_states(run, "succeeded")
    assert (remembered(), len(tasks())) == ({"n": 1}, 1)


@pytest.mark.requirement("RUN-09")
@pytest.mark.requirement("ACT-09")
def test_killed_after_the_commit_it_is_remembered_and_set_once_and_the_task_runs_when_it_is_due(
    processes, sink, start_runs, wait_for_states, remembered, tasks, owner_connection
):
    sink.silent.set()
    worker = processes.worker()
    again = {**COUNT, "id": "again"}
    run = start_runs(app(COUNT, LATER, call(sink), again))
    until(lambda: sink.requests, "the call is under way, and what came before is committed")
    assert (remembered(), len(tasks())) == ({"n": 1}, 1)
    worker.kill()
    sink.silent.clear()
    processes.worker()
    wait_for_states(run, "succeeded")
    assert (remembered(), len(tasks())) == ({"n": 2}, 1)
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = ANY(%s)", [tasks()])
    wait_for_states(tasks(), "succeeded")
    assert remembered() == {"n": 2, "reminded": True}


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("RUN-09")
def test_a_loop_that_counts_counts_every_item_once_though_its_worker_is_killed(
    processes, members, gate, start_runs, wait_for_states, remembered, stamps
):
    everyone = members(60)
    gate.close()
    stamp = {
        "id": "stamp",
        "act": "stamp",
        "params": {
            "member_id": "{{ member.id }}",
            "text": "{{ state.n }} for {{ member.id }}",
            "number": "{{ loop.index }}",
            "hold_at": 40,
            "gate": gate.path,
        },
    }
    wait = {"id": "wait", "pause": {"for": "1s"}}
    steps = [
        COUNT,
        wait,
        {"id": "people", "fetch": "users", "fields": ["id"], "limit": 100},
        {"id": "everyone", "each": "{{ people }}", "as": "member", "steps": [{**COUNT, "id": "one"}, stamp]},
    ]
    worker = processes.worker()
    run = start_runs(definition(steps))
    until(gate.reached, "the loop is at its forty-first item")
    worker.kill()
    gate.open()
    processes.worker()
    wait_for_states(run, "succeeded")
    assert remembered() == {"n": 61}
    assert Counter(stamps()) == {f"{n} for {member}": 1 for n, member in enumerate(everyone, start=2)}


@pytest.mark.requirement("ACT-04")
@pytest.mark.requirement("RUN-05")
def test_calls_made_at_once_are_not_made_again_once_they_were_recorded_though_the_worker_is_killed(
    processes, sink, start_runs, wait_for_states, tenant
):
    sink.silent_after = 12
    words = [f"word {number}" for number in range(40)]
    ask = {"id": "answer", "act": "ask", "params": {"url": sink.url, "text": "{{ word }}"}}
    worker = processes.worker()
    run = start_runs(definition([{"id": "words", "each": words, "as": "word", "steps": [ask]}]))
    until(lambda: len(sink.requests) == 16, "one window is recorded and the next is under way")
    worker.kill()
    sink.silent_after = 1_000
    sink.silent.clear()
    with tenant_scope(tenant.pk):
        recorded = set(Execution.objects.get().effects.filter(state="done").values_list("idem_key", flat=True))
        spent = Execution.objects.get().usage["ai"]
    assert (len(recorded), spent) == (8, 16)

    processes.worker()
    wait_for_states(run, "succeeded")
    made = Counter(key for key, _ in sink.requests)
    assert len(made) == 40
    assert {made[key] for key in recorded} == {1}
    assert sum(made.values()) == 40 + 8, "the window that was under way was made again, and nothing else"
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().usage == {"ai": 40, "tokens": sum(map(len, words))}
