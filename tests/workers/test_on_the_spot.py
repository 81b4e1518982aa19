"""A lone event's runs, made by the consumer itself (docs/decisions/0006-batches.md)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import Ingested, ingest
from apps_engine.store.claims import Claimed, claim, hand_back
from apps_engine.store.models import Decision, EventInbox, Execution
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.outbox import emit
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.test_ingest import event
from tests.waiting import until
from tests.workers.community import new_member, telling
from workers import runner
from workers.consumer import EventConsumer
from workers.heartbeat import Heartbeat
from workers.runner import run_here, run_hinted

pytestmark = pytest.mark.usefixtures("quiet")
TRIGGER = {"type": "event", "event": "post.created"}
FETCH = {"id": "posts", "fetch": "posts", "limit": 1}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.requirement("TRG-08")
def test_a_short_run_of_a_lone_event_is_claimed_with_it_and_run_at_once(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
    taken = ingest([event(tenant)], "the consumer")
    assert [work.id for work in taken.claimed] == taken.executions
    (run,) = executions()
    assert (run.state, run.owner, run.attempt, run.fence) == ("running", "the consumer", 1, 1)
    assert claim("another", 1, taken.executions) == []
    assert run_here(taken.claimed, Heartbeat())
    (run,) = executions()
    assert (run.state, run.attempt) == (Execution.State.SUCCEEDED, 1)


@pytest.mark.requirement("TRG-08")
def test_a_run_that_it_did_not_end_itself_leaves_open_whether_the_event_is_on_the_disk(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
    taken = ingest([event(tenant)], "the consumer")
    assert hand_back(taken.claimed[0])
    assert not run_here(taken.claimed, Heartbeat())


@pytest.mark.requirement("TRG-08")
def test_a_run_that_is_gone_before_it_begins_leaves_it_open_too_and_ends_no_consumer(tenant, principal, caplog):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
    taken = ingest([event(tenant)], "the consumer")
    with tenant_scope(tenant.pk):
        Execution.objects.all().delete()
    assert not run_here(taken.claimed, Heartbeat())
    assert f"run {taken.claimed[0].id} was not ended" in caplog.text
    assert run_here(ingest([event(tenant)], "the consumer").claimed, Heartbeat())


@pytest.mark.requirement("TRG-08")
def test_who_is_told_of_an_event_again_waits_until_the_first_is_on_the_disk(tenant, principal, owner_connection):
    with tenant_scope(tenant.pk):
        create_app(principal, flagging())
    told = event(tenant)
    with connections["default"].cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        try:
            assert ingest([told], "the consumer").claimed
            (written,) = owner_connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            assert ingest([told]).duplicates == 1
        finally:
            cursor.execute("RESET synchronous_commit")
    reached = "SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn"
    assert owner_connection.execute(reached, [written]).fetchone() == (True,)


@pytest.mark.requirement("RUN-01")
def test_while_its_key_is_running_elsewhere_it_waits_in_line(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "queue"}}})
    first = ingest([event(tenant)], "the consumer").claimed
    assert len(first) == 1
    assert ingest([event(tenant)], "the consumer").claimed == []
    assert [run.state for run in executions()] == ["running", "queued"]


@pytest.mark.requirement("RUN-01")
def test_it_does_not_overtake_what_stands_in_line_before_it(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "queue"}}})
    ingest([event(tenant)])
    assert ingest([event(tenant)], "the consumer").claimed == []
    assert [run.state for run in executions()] == ["queued", "queued"]


@pytest.mark.requirement("RUN-01")
def test_where_somebody_takes_its_key_in_the_same_moment_it_waits_in_line_and_nothing_else_is_lost(
    tenant, principal, executions, database, owner_connection
):
    begin = "UPDATE engine_execution SET state = 'running', slot = 0 WHERE tenant_id = %s"
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "queue"}}})
        create_app(principal, definition([FETCH], {**TRIGGER, "filter": {"post.id": {"eq": 0}}}))
    ingest([event(tenant)])
    # Waiting for a reply it stands in nobody's way, until the reply comes.
    owner_connection.execute("UPDATE engine_execution SET state = 'paused' WHERE tenant_id = %s", [tenant.pk])
    with psycopg.connect(database) as other, ThreadPoolExecutor(1) as threads:
        other.execute(begin, [tenant.pk])
        taken = threads.submit(ingest_and_disconnect, event(tenant))
        until(lambda: owner_connection.execute(WAITING).fetchone() == (1,), "the claim waits for the key")
        other.commit()
        assert taken.result().claimed == []
    assert [run.state for run in executions()] == ["running", "queued"]
    with tenant_scope(tenant.pk):
        assert [decision.repeats for decision in Decision.objects.filter(outcome="filtered")] == [2]


@pytest.mark.requirement("RUN-04")
def test_of_runs_that_are_claimed_together_each_is_charged_its_attempt_when_it_begins(tenant, principal, executions):
    with tenant_scope(tenant.pk):
        for number in range(3):
            create_app(principal, {**flagging(), "name": f"Flagging {number}"})
    claimed = ingest([event(tenant)], "the consumer").claimed
    assert [work.attempt for work in claimed] == [1, 0, 0]
    assert sorted((run.state, run.attempt) for run in executions()) == [("running", 0), ("running", 0), ("running", 1)]
    assert hand_back(claimed[2])
    run_here(claimed, Heartbeat())
    assert [(run.state, run.attempt) for run in executions()] == [("succeeded", 1), ("succeeded", 1), ("queued", 0)]


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("TRG-08")
def test_where_somebody_holds_a_lock_that_a_run_needs_it_goes_to_the_workers_uncharged_and_events_are_taken_in(
    tenant, other_tenant, principal, executions, database, told, redis
):
    person = new_member(tenant)
    with tenant_scope(tenant.pk):
        for name in ("One", "Another"):
            create_app(
                principal, {**telling(person), "name": name, "triggers": [{**TRIGGER, "id": "on", "flow": "main"}]}
            )
    redis.delete(*(f"{settings.QUEUE_NAMESPACE}:{name}" for name in ("events", "events.bursts")))
    with consuming(), psycopg.connect(database) as other:
        other.execute("SELECT FROM community_member WHERE id = %s FOR UPDATE", [person])
        for community in (tenant, other_tenant):
            with tenant_scope(community.pk):
                emit("post.created", EVENTS["post.created"].sample)
            until(lambda community=community: arrived(community), "the event is taken in")
        assert [(run.state, run.attempt, run.fence) for run in executions()] == [("queued", 0, 1)] * 2
        other.rollback()
    runs = [run.pk for run in executions()]
    run_hinted(runs)
    assert told() == runs
    assert [(run.state, run.attempt) for run in executions()] == [("succeeded", 1)] * 2


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("TRG-08")
def test_what_takes_long_goes_on_with_a_worker_from_its_next_step_and_no_attempt_is_counted(
    tenant, principal, executions, database, owner_connection, told, monkeypatch
):
    monkeypatch.setattr(runner, "LOCK_SECONDS", 10.0)
    person = new_member(tenant)
    flow = telling(person)["flows"]["main"]["steps"]
    steps = [*flow, {**flow[0], "id": "again"}]
    with tenant_scope(tenant.pk):
        create_app(principal, definition(steps, TRIGGER))
        create_app(principal, {**flagging(), "name": "Behind it"})
    with psycopg.connect(database) as other, ThreadPoolExecutor(1) as threads:
        other.execute("LOCK TABLE community_notification IN EXCLUSIVE MODE")
        ran = threads.submit(run_and_disconnect, ingest([event(tenant)], "the consumer").claimed)
        until(lambda: owner_connection.execute(WAITING).fetchone() == (1,), "the first step takes long")
        began = time.monotonic()
        until(lambda: time.monotonic() - began > runner.SPOT_SECONDS, "the consumer has no more time for it")
        other.rollback()
        assert ran.result()
    assert [(run.state, run.attempt, run.owner) for run in executions()] == [("queued", 0, "")] * 2
    assert len(told()) == 1
    run_hinted([run.pk for run in executions()])
    assert [(run.state, run.attempt) for run in executions()] == [("succeeded", 1)] * 2
    assert len(told()) == 2


@pytest.mark.requirement("TRG-08")
@pytest.mark.parametrize(
    ("step", "is_short"),
    [
        ({"transform": "calculate", "params": {"expression": "1 + 1"}}, True),
        ({"transform": "limit", "from": "{{ trigger.order.line_items }}", "params": {"count": 1}}, False),
    ],
    ids=["a sum", "a list"],
)
def test_what_works_through_a_list_that_somebody_sent_is_left_to_the_workers(tenant, principal, step, is_short):
    with tenant_scope(tenant.pk):
        create_app(principal, definition([{"id": "work", **step}], {"type": "event", "event": "order.paid"}))
    paid = event(tenant, type="order.paid", data=dict(EVENTS["order.paid"].sample))
    assert bool(ingest([paid], "the consumer").claimed) == is_short


def run_and_disconnect(works: list[Claimed]) -> bool:
    """Run them as the consumer does, from a thread that has connections of its own."""
    try:
        return run_here(works, Heartbeat())
    finally:
        connections.close_all()


@contextmanager
def consuming() -> Iterator[None]:
    """The event consumer, in a thread."""
    told_to_stop = threading.Event()

    def consume() -> None:
        try:
            with Heartbeat() as heartbeat:
                EventConsumer(told_to_stop, heartbeat).run()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        ended = threads.submit(consume)
        try:
            yield
        finally:
            told_to_stop.set()
        ended.result()


def arrived(tenant: Any) -> bool:
    """Whether an event of the tenant was taken in."""
    with tenant_scope(tenant.pk):
        return EventInbox.objects.exists()


def ingest_and_disconnect(envelope: dict[str, Any]) -> Ingested:
    """Take it in, from a thread that has connections of its own."""
    try:
        return ingest([envelope], "the consumer")
    finally:
        connections.close_all()


def test_events_that_come_together_and_runs_that_fetch_are_left_to_the_workers(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, definition([FETCH], TRIGGER))
    assert ingest([event(tenant)], "the consumer").claimed == []
    assert ingest([event(tenant), event(tenant)], "the consumer").claimed == []
    assert ingest([event(tenant)]).claimed == []
