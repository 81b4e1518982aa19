"""From hints to finished runs (RUN-01, docs/execution.md 4 and 5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby, pairwise

import pytest
from django.conf import settings as django_settings
from django.db import connections

from apps_engine.services.apps import create_app, pause_app
from apps_engine.services.runs import run_app
from apps_engine.store.claims import claim
from apps_engine.store.models import Execution, Lane
from decommerce.operations import broker
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.waiting import until
from tests.workers.community import new_member, telling
from workers import locks, runner
from workers.heartbeat import Heartbeat
from workers.locks import KeyLocks
from workers.runner import run_hinted

QUEUE = {"concurrency": {"mode": "queue"}}
PARALLEL = {"concurrency": {"mode": "parallel"}}


def at_once(work: Callable[[list[int]], int], shares: list[list[int]]) -> list[int]:
    """Do `work` for every share at the same moment, each in a thread of its own."""
    start = threading.Barrier(len(shares))

    def begin(share: list[int]) -> int:
        start.wait()
        try:
            return work(share)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(shares)) as threads:
        return [future.result() for future in [threads.submit(begin, share) for share in shares]]


@pytest.fixture
def no_redis(settings):
    """Redis cannot be reached."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    locks.client.cache_clear()
    yield
    locks.client.cache_clear()


@pytest.fixture
def no_queue(settings):
    """The queue takes no hints."""
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    broker.broker_connection.cache_clear()
    yield
    broker.broker_connection.cache_clear()


@pytest.fixture
def patient(monkeypatch):
    """Nobody's run waits too long, however slow the machine is."""
    monkeypatch.setattr(runner, "BURST_SECONDS", 600.0)


def test_one_hint_brings_all_runs_of_its_key_to_their_end_in_order(start_runs, told):
    runs = start_runs(25, **QUEUE)
    assert run_hinted(runs[3:5]) == 25
    assert told() == runs


@pytest.mark.requirement("RUN-01")
@pytest.mark.parametrize("redis_is", ["there", "away"])
def test_workers_with_hints_of_one_key_run_it_one_at_a_time(start_runs, executions, told, request, redis_is):
    if redis_is == "away":
        request.getfixturevalue("no_redis")
    runs = start_runs(30, **QUEUE)
    at_once(run_hinted, [runs[:10], runs[10:20], runs[20:]])
    # Whoever found the index against it left its runs to the sweep.
    run_hinted(runs)
    finished = sorted(executions(), key=lambda execution: execution.started_at)
    assert {execution.state for execution in finished} == {Execution.State.SUCCEEDED}
    # Those of one batch have one beginning; what they did is in their order all the same.
    batches = [list(batch) for _, batch in groupby(finished, lambda execution: execution.started_at)]
    assert all(max(ended(first)) <= second[0].started_at for first, second in pairwise(batches))
    assert sorted(told()) == runs


def ended(executions: list[Execution]) -> list[datetime]:
    return [execution.finished_at for execution in executions]


def test_runs_without_exclusion_are_each_made_once_whoever_is_told(start_runs, told):
    runs = start_runs(20, **PARALLEL)
    assert sum(at_once(run_hinted, [runs, runs, runs])) == 20
    assert sorted(told()) == runs


@pytest.mark.requirement("RUN-01")
def test_a_key_that_another_worker_holds_is_left_to_it(start_runs, executions):
    runs = start_runs(1, **QUEUE)
    (execution,) = executions()
    other, key = KeyLocks(), (execution.app_id, execution.concurrency_key)
    assert other.acquire([key]) == {key}
    assert run_hinted(runs) == 0
    other.release()
    assert run_hinted(runs) == 1


def test_a_hint_that_comes_twice_or_too_early_or_for_a_paused_app_changes_nothing(
    start_runs, executions, tenant, principal, owner_connection, told, patient
):
    # Each of an app of its own: in one line the first hint would take the others along.
    (done,), (early,), (paused,) = (start_runs(1, **PARALLEL) for _ in range(3))
    assert run_hinted([done]) == 1
    assert run_hinted([done, done]) == 0
    owner_connection.execute("UPDATE engine_execution SET run_at = now() + interval '1 hour' WHERE id = %s", [early])
    assert run_hinted([early]) == 0
    with tenant_scope(tenant.pk):
        pause_app(principal, executions()[-1].app_id)
    assert run_hinted([paused]) == 0
    assert told() == [done]


def test_locks_expire_are_lengthened_by_the_heartbeat_and_are_only_let_go_by_their_holder(redis, quiet):
    held, other = KeyLocks(), KeyLocks()
    key, another = (4711, "key"), (4711, "another")
    assert held.acquire([key]) == held.acquire([key]) == {key}
    assert other.acquire([key, another]) == {another}
    other.release()
    (name,) = redis.scan_iter(f"{django_settings.QUEUE_NAMESPACE}:lock:4711:*")
    redis.pexpire(name, 1000)
    beat = threading.Thread(target=held.extend)
    beat.start()
    beat.join()
    assert redis.pttl(name) > 10_000
    redis.delete(name)
    assert other.acquire([key]) == {key}
    held.release()
    assert redis.exists(name)
    other.release()
    assert not redis.exists(name)


def test_a_heartbeat_renews_the_lease_until_the_run_is_over(settings, start_runs, executions):
    settings.LEASE_SECONDS = 0.6
    (work,) = claim("the test", 1, start_runs())

    def lease():
        return executions()[0].lease_until

    first = lease()
    with Heartbeat(also=lambda: None) as heartbeat:
        with heartbeat.holding(work):
            later = until(lambda: max(lease(), first) if lease() > first else None, "the lease is renewed", 5)
            until(lambda: lease() > later, "the lease is renewed again", 5)
        over = lease()
    assert lease() == over


def test_a_heartbeat_lets_go_of_a_lease_that_another_worker_has(settings, start_runs, executions, owner_connection):
    settings.LEASE_SECONDS = 0.3
    (work,) = claim("the test", 1, start_runs())
    beats = []
    with Heartbeat(also=lambda: beats.append(1)) as heartbeat, heartbeat.holding(work):
        owner_connection.execute("UPDATE engine_execution SET fence = fence + 1 WHERE id = %s", [work.id])
        taken = executions()[0].lease_until
        until(lambda: len(beats) > 2, "the heartbeat goes on", 5)
        assert executions()[0].lease_until == taken


@pytest.mark.requirement("RUN-01")
def test_a_burst_of_one_tenant_does_not_hold_up_another(start_runs, other_tenant, owner_connection, told, executions):
    burst = start_runs(30, **PARALLEL)
    member, other = new_member(other_tenant), system_principal(other_tenant.pk, "the other")
    with tenant_scope(other_tenant.pk):
        late = run_app(other, create_app(other, telling(member)).pk).pk
    owner_connection.execute("UPDATE engine_execution SET run_at = run_at - interval '1 hour' WHERE state = 'queued'")
    run_hinted(burst)
    with tenant_scope(other_tenant.pk):
        ended = Execution.objects.get(pk=late).finished_at
    assert told() == burst
    assert ended < executions()[0].started_at


def test_a_run_that_nobody_waits_too_long_for_is_left_to_its_own_hint(start_runs, executions, patient):
    (hinted,), (other,) = (start_runs(1, **PARALLEL) for _ in range(2))
    run_hinted([hinted])
    assert {run.pk: run.state for run in executions()} == {hinted: "succeeded", other: "queued"}


def test_a_hint_of_one_run_takes_along_what_waits_in_its_line(start_runs, executions, told, patient):
    runs = start_runs(12, **PARALLEL)
    assert run_hinted(runs[:1]) == 12
    assert told() == runs
    assert len({run.started_at for run in executions()}) == 1


def test_a_hint_takes_along_what_may_run_beside_it_where_each_goes_alone(start_runs, told, patient, monkeypatch):
    monkeypatch.setattr(runner, "may_batch", lambda line: False)
    runs = start_runs(23, **PARALLEL)
    assert run_hinted(runs[:2]) == 23
    assert told() == runs


def test_a_hint_goes_on_with_its_line_when_its_time_is_over_and_more_waits(start_runs, told, monkeypatch):
    monkeypatch.setattr(runner, "BURST_SECONDS", 0.0)
    monkeypatch.setattr(runner, "MOST_TOGETHER", 5)
    monkeypatch.setattr(runner, "heads", lambda *_: [])
    runs = start_runs(23, **PARALLEL)
    assert run_hinted(runs[:2]) == 23
    assert told() == runs


def test_however_little_time_there_is_a_turn_gets_on(start_runs, told, monkeypatch):
    monkeypatch.setattr(runner, "BURST_SECONDS", 0.0)
    runs = [*start_runs(3, **QUEUE), *start_runs(3, **PARALLEL)]
    assert run_hinted(runs) == len(runs)
    assert sorted(told()) == runs


@pytest.mark.requirement("RUN-01")
def test_what_waits_for_one_of_several_slots_of_its_key_follows_at_once(start_runs, told):
    runs = start_runs(12, concurrency={"mode": "parallel", "max": 2})
    assert sum(at_once(run_hinted, [runs[:4], runs[4:8], runs[8:]])) == 12
    assert sorted(told()) == runs


def test_a_hint_for_runs_of_another_lane_is_passed_on_to_its_workers(start_runs, executions, redis, owner_connection):
    here, outside = start_runs(2, **PARALLEL)
    calls = f"{django_settings.QUEUE_NAMESPACE}:calls"
    redis.delete(calls)
    owner_connection.execute("UPDATE engine_execution SET lane = 'calls', run_at = now() WHERE id = %s", [outside])
    assert run_hinted([here, outside], Lane.RUNS) == 1
    assert redis.llen(calls) == 1
    assert [run.state for run in executions()] == [Execution.State.SUCCEEDED, Execution.State.QUEUED]
    assert run_hinted([outside], Lane.CALLS) == 1


def test_while_the_queue_is_down_a_worker_runs_what_is_of_any_lane(start_runs, no_queue, owner_connection):
    runs = start_runs(2, **PARALLEL)
    owner_connection.execute("UPDATE engine_execution SET lane = 'calls' WHERE id = %s", [runs[1]])
    assert run_hinted(runs, Lane.RUNS) == 2
