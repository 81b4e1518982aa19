"""A run that is cancelled while a worker is in the middle of it (RUN-13)."""

from __future__ import annotations

import pytest

from apps_engine.services.runs import cancel_run
from apps_engine.store.models import StepResult
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.scenarios.sink import running_sink
from tests.waiting import until


def stamp(member: int, name: str, **more: object) -> dict:
    return {"id": name, "act": "stamp", "params": {"member_id": member, "text": name, **more}}


@pytest.mark.requirement("RUN-13")
def test_after_a_cancel_is_committed_no_step_of_the_run_begins_or_lands_and_the_next_run_goes_on(
    tenant, principal, processes, members, gate, start_runs, states, stamps, wait_for_states
):
    (member,) = members(1)
    gate.close()
    processes.worker()
    steps = [stamp(member, "first", gate=gate.path), stamp(member, "second")]
    runs = start_runs(definition(steps, settings={"concurrency": {"mode": "queue"}}), 2)
    until(gate.reached, "the first step is under way")
    first = runs[0] if states(runs)[0] == "running" else runs[1]
    with tenant_scope(tenant.pk):
        cancel_run(principal, first)
    gate.open()
    wait_for_states([run for run in runs if run != first], "succeeded")
    assert states([first]) == ["cancelled"]
    assert stamps() == ["first", "second"]
    with tenant_scope(tenant.pk):
        assert not StepResult.objects.filter(execution_id=first).exists()


@pytest.mark.requirement("RUN-13")
def test_a_run_that_is_cancelled_in_a_loop_makes_no_further_call(
    tenant, principal, processes, members, start_runs, states, stamps, wait_for_states
):
    """A call takes a while; after the cancel at most the one that is under way arrives."""
    (member,) = members(1)
    with running_sink() as sink:
        sink.seconds = 0.1
        call = {"id": "tell", "act": "tell_once", "params": {"url": sink.url, "text": "hello"}}
        loop = {"id": "all", "each": "{{ inputs.numbers }}", "as": "number", "steps": [call]}
        inputs = {"type": "object", "properties": {"numbers": {"type": "array", "default": list(range(200))}}}
        source = definition([loop, stamp(member, "after")], inputs=inputs)
        processes.worker()
        runs = start_runs(source)
        until(lambda: len(sink.answered) >= 3, "some calls are made")
        with tenant_scope(tenant.pk):
            cancel_run(principal, runs[0])
        made = len(sink.requests)
        follower = start_runs(definition([stamp(member, "follower")], name="Another app"))
        wait_for_states(follower, "succeeded")
        assert len(sink.requests) <= made + 1
    assert states(runs) == ["cancelled"]
    assert stamps() == ["follower"]
