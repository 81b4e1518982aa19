"""SIGTERM: what is under way ends or is handed back within ten seconds; nothing is lost, repeated or charged."""

from __future__ import annotations

import socket
import sys
import time

import pytest
from django.conf import settings

from apps_engine.services.apps import create_app
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from deploy.local.children import WEB
from deploy.local.ports import free_port
from tests.apps_engine.services.definitions import definition
from tests.scenarios.definitions import stamping, stamping_everyone
from tests.scenarios.processes import Process
from tests.scenarios.sink import running_sink
from tests.waiting import until

PATIENCE_SECONDS = 10


def stopped(process: Process) -> float:
    """Ask it to stop; how long that took, in seconds."""
    begun = time.monotonic()
    assert process.terminate(PATIENCE_SECONDS) == 0
    return time.monotonic() - begun


@pytest.fixture
def attempts(tenant):
    """The states of runs with the number of their attempts."""

    def read(ids: list[int]) -> set[tuple[str, int]]:
        with tenant_scope(tenant.pk):
            return set(Execution.objects.filter(pk__in=ids).values_list("state", "attempt"))

    return read


@pytest.mark.requirement("RUN-04")
def test_a_worker_that_is_told_to_stop_in_a_loop_with_a_backlog_behind_it_leaves_the_rest_to_another(
    processes, members, gate, start_runs, stamps, attempts, wait_for_states, states
):
    people = members(400)
    gate.close()
    first = processes.worker()
    loop = start_runs(stamping_everyone(150, gate.path, name="Everyone"))
    until(gate.reached, "the loop is under way")
    backlog = start_runs(stamping(people[0], "alone"), 100)
    first.popen.terminate()
    first.wait_for("shutdown (MainProcess)")
    gate.open()
    assert stopped(first) < PATIENCE_SECONDS
    assert attempts(loop) == {("queued", 0)}
    assert len(stamps()) == 200
    processes.worker()
    wait_for_states(loop + backlog, "succeeded")
    assert sorted(stamps()) == sorted([f"for {member}" for member in people] + ["alone"] * 100)
    assert attempts(loop + backlog) == {("succeeded", 1)}


@pytest.mark.requirement("RUN-05")
def test_a_worker_that_is_told_to_stop_while_somebody_outside_does_not_answer_hands_the_run_back(
    processes, members, start_runs, attempts, wait_for_states, tmp_path, redis
):
    """One of two is killed as soon as that is committed, before it tells anybody."""
    members(1)
    (tmp_path / "hand_back.committed").write_text("kill 1")
    with running_sink() as sink:
        sink.silent.set()
        call = {"id": "tell", "act": "tell_patiently", "params": {"url": sink.url, "text": "run {{ run.id }}"}}
        first, second = processes.worker(), processes.worker(DECOMMERCE_FAILPOINTS=str(tmp_path))
        runs = start_runs(definition([call], settings={"concurrency": {"mode": "parallel"}}), 2)
        until(lambda: len(sink.requests) == 2, "the calls are under way")
        for worker in (first, second):
            worker.popen.terminate()
        for worker in (first, second):
            assert worker.popen.wait(PATIENCE_SECONDS) == 0
        assert (tmp_path / "hand_back.committed.done").exists()
        assert attempts(runs) == {("queued", 0)}
        hinted = {lane: redis.llen(f"{settings.QUEUE_NAMESPACE}:{lane}") for lane in ("runs", "calls")}
        assert hinted["runs"] == 0, "its lane is told"
        assert hinted["calls"]
        sink.silent.clear()
        processes.worker()
        wait_for_states(runs, "succeeded")
        assert len(set(sink.requests)) == 2
    assert attempts(runs) == {("succeeded", 1)}


@pytest.mark.requirement("RUN-05")
def test_a_run_that_the_consumer_makes_itself_keeps_its_lease_until_the_consumer_is_told_to_stop_and_hands_it_back(
    processes, tenant, principal, members, gate, stamps, attempts, wait_for_states
):
    hold = {"act": "stamp", "params": {"member_id": "{{ trigger.member.id }}", "text": "welcome", "gate": gate.path}}
    with tenant_scope(tenant.pk):
        create_app(principal, definition([hold], {"type": "event", "event": "member.joined"}))
    gate.close()
    consumer = processes.consumer(DECOMMERCE_LEASE_SECONDS="1.5")
    members(1)
    until(gate.reached, "the run is under way")

    def run() -> Execution:
        with tenant_scope(tenant.pk):
            return Execution.objects.get()

    begun = run()
    assert begun.owner.endswith(f":{consumer.popen.pid}")
    until(lambda: run().lease_until > begun.lease_until, "its lease is longer")
    assert stopped(consumer) < PATIENCE_SECONDS
    assert attempts([begun.pk]) == {("queued", 0)}
    gate.open()
    processes.worker()
    wait_for_states([begun.pk], "succeeded")
    assert stamps() == ["welcome"]


def test_a_consumer_and_beat_stop_in_time(processes):
    for process in (processes.consumer(), processes.beat()):
        assert stopped(process) < PATIENCE_SECONDS


def test_a_web_process_stops_in_time_although_somebody_never_ends_a_request(processes):
    port = free_port()
    command = [sys.executable, "-m", *WEB, "--port", str(port)]
    web = processes.start("web", command, {"DECOMMERCE_DATABASE_POOL": "2"})
    web.wait_for("Uvicorn running")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST /api/v1/apps HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{")
        begun = time.monotonic()
        web.terminate(PATIENCE_SECONDS)
        assert time.monotonic() - begun < PATIENCE_SECONDS
