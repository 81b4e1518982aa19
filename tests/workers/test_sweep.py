"""Finding what was lost (docs/execution.md 3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connections

from apps_engine.services import hints
from apps_engine.services.apps import delete_app
from apps_engine.services.runs import run_app
from apps_engine.store.batches import claim_line, hand_back, lines
from apps_engine.store.claims import claim, requeue_expired
from apps_engine.store.models import App, Execution
from apps_engine.store.queue import SCHEDULER
from decommerce.operations.figures import figures
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.apps_engine.services.test_counting import counted
from tests.waiting import until
from workers.runner import BATCH, run_hinted
from workers.sweep import LONG_QUEUE, revive, sweep
from workers.sweeper import Sweeper

QUEUES = django_settings.QUEUE_NAMESPACE
_MANY = """
INSERT INTO engine_execution (tenant_id, app_id, version_id, flow, trigger_type, trigger_id, trigger_key, trigger,
    inputs, chain, requested_by, session_key, generation, state, run_at, priority, attempt, max_attempts, owner, fence,
    lease_until, started_at, concurrency_key, exclusive, usage, items, created_at)
SELECT tenant_id, app_id, version_id, flow, trigger_type, trigger_id, 'copy:' || number, trigger,
    inputs, chain, requested_by, session_key, generation, state, run_at, priority, attempt, max_attempts, owner, fence,
    lease_until, started_at, concurrency_key, exclusive, usage, items, created_at
FROM engine_execution, generate_series(1, %s) AS number WHERE id = %s
"""
_DELETE = "UPDATE engine_app a SET status = 'deleted' FROM engine_execution e WHERE e.app_id = a.id AND e.id = %s"


@pytest.fixture
def waiting_hints(redis) -> Iterator[Callable[..., int]]:
    """How many hints wait on the queues, or on the named ones; they are empty at first."""
    everywhere = [queue.name for queue in django_settings.CELERY_TASK_QUEUES]
    redis.delete(*(f"{QUEUES}:{name}" for name in everywhere))
    yield lambda *names: sum(redis.llen(f"{QUEUES}:{name}") for name in names or everywhere)
    redis.delete(*(f"{QUEUES}:{name}" for name in everywhere))


@pytest.fixture
def end_lease(owner_connection) -> Callable[[], None]:
    """As if the worker of everything that runs had been silent for too long."""
    return lambda: owner_connection.execute(
        "UPDATE engine_execution SET lease_until = now() - interval '1 second' WHERE state = 'running'"
    )


def test_a_run_whose_worker_is_gone_is_queued_again_and_hinted(start_runs, executions, end_lease, waiting_hints, told):
    (run,) = start_runs()
    claim("a worker that dies", 1, [run])
    before = waiting_hints()
    sweep()
    assert executions()[0].state == Execution.State.RUNNING
    end_lease()
    sweep()
    assert executions()[0].state == Execution.State.QUEUED
    assert waiting_hints() == before + 1
    run_hinted([run])
    assert told() == [run]
    assert executions()[0].attempt == 2


@pytest.mark.requirement("RUN-05")
def test_the_runs_of_many_workers_that_are_gone_at_once_are_queued_again_by_one_sweep(
    start_runs, executions, owner_connection, waiting_hints
):
    (run,) = start_runs(concurrency={"mode": "parallel"})
    claim("a worker that dies", 1, [run])
    owner_connection.execute(_MANY, [1_999, run])
    owner_connection.execute("UPDATE engine_execution SET lease_until = now() WHERE state = 'running'")
    sweep()
    assert Counter(one.state for one in executions()) == {Execution.State.QUEUED: 2_000}
    assert waiting_hints("runs") >= 2_000 / BATCH


def test_a_run_whose_worker_is_gone_for_the_last_time_is_dead_and_says_why(tenant, start_runs, executions, end_lease):
    (run,) = start_runs(retry={"max_attempts": 2})
    for _ in range(2):
        claim("a worker that dies", 1, [run])
        end_lease()
        sweep()
    dead = executions()[0]
    assert (dead.state, dead.error["code"]) == (Execution.State.DEAD, "worker_lost")
    assert dead.error["message"].startswith("This run was begun 2 times, and its worker stopped in the middle of the")
    assert dead.finished_at is not None
    sweep()
    with tenant_scope(tenant.pk):
        assert App.objects.get().errors == 1


@pytest.mark.requirement("RUN-06")
def test_an_app_whose_runs_kill_their_workers_five_times_is_paused_and_the_audit_says_so(tenant, start_runs, end_lease):
    runs = start_runs(5, retry={"max_attempts": 1}, concurrency={"mode": "parallel"})
    for run in runs:
        claim("a worker that dies", 1, [run])
    end_lease()
    sweep()
    with tenant_scope(tenant.pk):
        assert App.objects.get().status == App.Status.ERROR
        assert AuditEntry.objects.filter(verb="app.auto_paused").count() == 1


def test_runs_whose_hint_was_lost_are_hinted_again(start_runs, owner_connection, redis, waiting_hints, monkeypatch):
    monkeypatch.setattr("workers.sweep.HINT_SECONDS", 60.0)
    start_runs(25, concurrency={"mode": "parallel"})
    redis.delete(f"{QUEUES}:runs")
    sweep()
    assert waiting_hints() == 0, "a hint may take its time"
    owner_connection.execute("UPDATE engine_execution SET run_at = now() - interval '1 hour' WHERE state = 'queued'")
    sweep()
    assert waiting_hints() == 3


@pytest.mark.requirement("APP-07")
@pytest.mark.parametrize("write", ["makes", "hands back"])
def test_a_run_that_is_queued_while_its_app_is_being_deleted_is_cancelled(
    tenant, principal, start_runs, executions, owner_connection, waiting_hints, write
):
    (run,) = start_runs(concurrency={"mode": "parallel"})
    (line,) = lines([run])
    batch, app_id = claim_line("a worker", line, 10), line.app_id

    def delete() -> None:
        try:
            with tenant_scope(tenant.pk):
                delete_app(principal, app_id)
        finally:
            connections.close_all()

    with tenant_scope(tenant.pk), ThreadPoolExecutor(1) as pool:
        if write == "makes":
            run_app(principal, app_id)
        else:
            hand_back(batch.runs)
        pool.submit(delete).result(10)
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=app_id).status == App.Status.DELETED
    queued = [one.pk for one in executions() if one.state == Execution.State.QUEUED]
    assert queued, "neither saw the other"
    owner_connection.execute(
        "UPDATE engine_execution SET run_at = now() - interval '1 hour' WHERE id = ANY(%s)", [queued]
    )
    before = waiting_hints()
    sweep()
    assert waiting_hints() == before, "nobody is told of a run that nobody may have"
    ended = [one for one in executions() if one.pk in queued]
    assert [(one.state, one.finished_at is None) for one in ended] == [(Execution.State.CANCELLED, False)]


@pytest.mark.requirement("APP-07")
def test_runs_that_lost_their_worker_as_their_app_was_deleted_are_cancelled_and_counted_and_the_others_are_hinted(
    start_runs, executions, end_lease, owner_connection, waiting_hints, monkeypatch
):
    (before,), (gone,), (other,) = start_runs(), start_runs(), start_runs()
    claim("a worker that dies", 3, [before, gone, other])
    owner_connection.execute("UPDATE engine_execution SET run_at = now() - interval '1 hour'")
    end_lease()
    owner_connection.execute(_DELETE, [before])
    points: list[str] = []

    def requeue_before_the_deletion_is_committed() -> dict[int, str]:
        expired = requeue_expired()
        owner_connection.execute(_DELETE, [gone])
        return expired

    monkeypatch.setattr("workers.sweep.requeue_expired", requeue_before_the_deletion_is_committed)
    monkeypatch.setattr("apps_engine.store.stranded.reached", points.append)
    hints_before, cancelled = waiting_hints(), counted("runs", state="cancelled")
    revive()
    assert points == ["stranded.committed"]
    assert waiting_hints() == hints_before + 1
    assert counted("runs", state="cancelled") == cancelled + 2
    assert {one.pk: one.state for one in executions()} == {before: "cancelled", gone: "cancelled", other: "queued"}


@pytest.mark.requirement("OPS-01")
def test_runs_that_wait_rightly_behind_another_of_their_key_are_not_told_as_late(start_runs, owner_connection):
    one, two = start_runs(2, concurrency={"mode": "queue"})
    owner_connection.execute("UPDATE engine_execution SET run_at = now() - interval '1 hour' WHERE state = 'queued'")
    assert (figures()["runs"].count, figures()["calls"].count) == (2, 0)
    claim("a worker", 1, [one])
    assert (figures()["runs"].count, figures()["runs"].seconds) == (0, 0)
    owner_connection.execute("UPDATE engine_execution SET lane = 'calls', exclusive = false WHERE id = %s", [two])
    assert (figures()["runs"].count, figures()["calls"].count) == (1, 1)
    assert figures()["calls"].seconds >= 3_600


def test_messages_that_are_due_are_hinted_once_however_many_look_before_somebody_hears_it(queue_mail, waiting_hints):
    queue_mail()
    sweep()
    sweep()
    assert waiting_hints() == 1


@pytest.mark.requirement("RUN-01")
@pytest.mark.parametrize(("long", "short"), [("calls", "runs"), ("runs", "calls")])
def test_where_the_hints_of_a_lane_wait_in_a_line_only_those_of_the_other_are_sent_again(
    start_runs, owner_connection, redis, waiting_hints, long, short
):
    for run, lane in zip(start_runs(2, concurrency={"mode": "parallel"}), (long, short), strict=True):
        owner_connection.execute(
            "UPDATE engine_execution SET lane = %s, run_at = now() - interval '1 hour' WHERE id = %s", [lane, run]
        )
    redis.delete(f"{QUEUES}:runs")
    redis.lpush(f"{QUEUES}:{long}", *["a hint"] * LONG_QUEUE)
    sweep()
    assert (waiting_hints(long), waiting_hints(short)) == (LONG_QUEUE, 1)


@pytest.mark.requirement("RUN-01")
def test_a_sweep_leaves_the_work_to_the_workers_however_many_hints_wait_for_them(
    start_runs, executions, end_lease, redis, waiting_hints, monkeypatch
):
    monkeypatch.setattr(hints, "HINTS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(hints, "_lines", defaultdict(hints._Line))
    claim("a worker that dies", 1, start_runs())
    end_lease()
    redis.lpush(f"{QUEUES}:runs", *["a hint"] * hints.MOST_WAITING)
    before = waiting_hints()
    sweep()
    assert waiting_hints() == before
    assert [run.state for run in executions()] == [Execution.State.QUEUED]


@pytest.mark.parametrize(
    ("statement", "goes_on"), [("SELECT 1 / 0", True), ("SELECT pg_terminate_backend(pg_backend_pid())", False)]
)
def test_a_duty_that_the_database_refuses_keeps_no_other_but_with_the_database_away_none_is_tried(
    monkeypatch, statement, goes_on
):
    done: list[str] = []

    def fail() -> None:
        with connections[SCHEDULER].cursor() as cursor:
            cursor.execute(statement)

    monkeypatch.setattr("workers.sweep.DUTIES", (fail, lambda: done.append("the next")))
    try:
        with nullcontext() if goes_on else pytest.raises(OperationalError):
            sweep()
    finally:
        connections[SCHEDULER].close()
    assert done == ["the next"] * goes_on


def test_a_run_that_the_database_does_not_let_end_keeps_none_behind_it_from_being_ended(
    start_runs, executions, end_lease, owner_connection
):
    stuck, other = start_runs(2, retry={"max_attempts": 1}, concurrency={"mode": "parallel"})
    for run in (stuck, other):
        claim("a worker that dies", 1, [run])
    end_lease()
    owner_connection.execute(f"ALTER TABLE engine_execution ADD CONSTRAINT stuck CHECK (id <> {stuck}) NOT VALID")
    try:
        sweep()
    finally:
        owner_connection.execute("ALTER TABLE engine_execution DROP CONSTRAINT stuck")
    assert {run.pk: run.state for run in executions()} == {stuck: "running", other: "dead"}


def test_a_sweeper_outlives_whatever_a_sweep_meets_and_starts_once():
    met: list[Exception | None] = []
    troubles = iter([RuntimeError("a fault of our own"), OperationalError("the database is away")])

    def trouble() -> None:
        met.append(next(troubles, None))
        if met[-1] is not None:
            raise met[-1]

    sweeper = Sweeper(trouble, every_seconds=0.01)
    sweeper.start()
    sweeper.start()
    until(lambda: len(met) > 3, "the sweeper goes on")
    sweeper.stop()
    ended = len(met)
    sweeper.start()
    until(lambda: len(met) > ended, "the sweeper begins again")
    sweeper.stop()
