"""Workers that are killed, frozen or told to stop (docs/execution.md, promises 2, 4, 5 and 6)."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any

import pytest

from apps_engine.services.apps import create_app
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.scenarios.definitions import stamping, stamping_everyone
from tests.waiting import until


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("RUN-05")
def test_a_loop_whose_worker_is_killed_in_the_middle_goes_on_elsewhere_and_repeats_nothing(
    processes, members, gate, start_runs, states, wait_for_states, stamps
):
    everyone = members(500)
    gate.close()
    worker = processes.worker()
    run = start_runs(stamping_everyone(250, gate.path))
    until(gate.reached, "the loop is in its second chunk")
    assert len(stamps()) == 200
    worker.kill()
    gate.open()
    assert states(run) == ["running"]

    processes.worker()
    wait_for_states(run, "succeeded")
    assert Counter(stamps()) == {f"for {member}": 1 for member in everyone}


def test_a_killed_child_of_a_worker_is_replaced_and_its_run_goes_on(
    processes, members, gate, start_runs, wait_for_states, stamps
):
    everyone = members(300)
    gate.close()
    worker = processes.worker()
    run = start_runs(stamping_everyone(250, gate.path))
    until(gate.reached, "the loop is in its second chunk")
    (child,) = worker.children()
    os.kill(child, signal.SIGKILL)
    gate.open()
    wait_for_states(run, "succeeded")
    assert Counter(stamps()) == {f"for {member}": 1 for member in everyone}
    assert worker.popen.poll() is None


@pytest.mark.requirement("RUN-05")
def test_every_child_that_dies_is_replaced_at_once_and_not_when_celery_looks_again_after_five_seconds(processes):
    worker = processes.worker()
    for _ in range(10):
        (child,) = worker.children()
        os.kill(child, signal.SIGKILL)
        until(lambda dead=child: worker.children() not in ([], [dead]), "another child is there", 4)


def test_a_run_that_kills_its_worker_is_dead_after_its_attempts_and_the_others_go_on(
    processes, members, start_runs, wait_for_states, stamps
):
    (member,) = members(1)
    twice = {"retry": {"max_attempts": 2}}
    poison = start_runs(definition([{"id": "kill", "act": "kill_worker", "params": {}}], settings=twice, name="Poison"))
    others = start_runs(stamping(member, name="Good", settings={**twice, "concurrency": {"mode": "parallel"}}), 20)
    processes.worker(DECOMMERCE_LEASE_SECONDS="1")
    wait_for_states(poison, "dead")
    wait_for_states(others, "succeeded")
    assert stamps() == ["stamped"] * 20


@pytest.mark.requirement("RUN-05")
def test_a_run_that_kills_the_consumer_costs_no_attempt_of_those_that_the_same_event_started(
    processes, tenant, principal, members, stamps, wait_for_states
):
    joined = {"type": "event", "event": "member.joined"}
    once: dict[str, Any] = {"settings": {"retry": {"max_attempts": 1}}}
    kill = definition([{"id": "kill", "act": "kill_worker", "params": {}}], joined, name="Poison", **once)
    (member,) = members(1)
    with tenant_scope(tenant.pk):
        poison = create_app(principal, kill)
        for name in ("Good", "Better"):
            create_app(principal, stamping(member, name, trigger=joined, name=name, **once))
    consumer = processes.consumer()
    members(1)
    assert consumer.popen.wait(20) == -signal.SIGKILL
    with tenant_scope(tenant.pk):
        (killer,) = Execution.objects.filter(app=poison).values_list("pk", flat=True)
        others = list(Execution.objects.exclude(app=poison))
    assert [(run.state, run.attempt) for run in others] == [("running", 0)] * 2
    processes.worker()
    wait_for_states([killer], "dead")
    wait_for_states([run.pk for run in others], "succeeded")
    assert sorted(stamps()) == ["Better", "Good"]


def test_a_worker_that_was_frozen_past_its_lease_writes_nothing_when_it_wakes(
    processes, members, gate, start_runs, wait_for_states, stamps
):
    everyone = members(300)
    gate.close()
    frozen = processes.worker()
    run = start_runs(stamping_everyone(250, gate.path))
    until(gate.reached, "the loop is in its second chunk")
    frozen.freeze()
    gate.open()
    processes.worker()
    wait_for_states(run, "succeeded")
    assert Counter(stamps()) == {f"for {member}": 1 for member in everyone}

    frozen.thaw()
    frozen.wait_for(f"run {run[0]} of app", seconds=20)
    assert frozen.says(": lease_lost")
    assert Counter(stamps()) == {f"for {member}": 1 for member in everyone}


def test_a_worker_that_is_told_to_stop_finishes_its_run_and_ends_with_status_0(
    processes, members, gate, start_runs, states, stamps
):
    (member,) = members(1)
    gate.close()
    worker = processes.worker()
    run = start_runs(stamping_everyone(0, gate.path))
    until(gate.reached, "the run is under way")
    worker.popen.terminate()
    worker.wait_for("Warm shutdown")
    gate.open()
    assert worker.popen.wait(20) == 0
    assert states(run) == ["succeeded"]
    assert stamps() == [f"for {member}"]
