"""A broker that takes connections and never answers holds up no request, no sweep and no transaction (promise 9)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from amqp.exceptions import MessageNacked

from apps_engine.services.hints import RUN_TASK, send_hint
from decommerce.celery import app
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import OutboxEvent
from decommerce.community.outbox import emit
from decommerce.operations import broker
from decommerce.operations.broker import BrokerAway, with_sender
from decommerce.operations.figures import queue_lengths
from decommerce.tenancy.context import tenant_scope
from tests.scenarios.proxy import Wire, wire_to
from tests.waiting import until
from workers.sweep import sweep

PATIENCE = 0.4


@pytest.fixture
def wire(settings, quiet, monkeypatch) -> Iterator[Wire]:
    """What leads to the broker, with a connection in the pool that was good a moment ago."""
    there = wire_to(settings.CELERY_BROKER_URL)
    settings.CELERY_BROKER_URL = there.through(settings.CELERY_BROKER_URL)
    monkeypatch.setattr(broker, "PATIENCE_SECONDS", PATIENCE)
    monkeypatch.setattr(broker, "_silence", broker._Silence())
    broker.broker_connection.cache_clear()
    assert send_hint(RUN_TASK, [])
    yield there
    broker.broker_connection.cache_clear()
    there.cut()


def _emit(tenant) -> None:
    with tenant_scope(tenant.pk):
        emit("post.created", EVENTS["post.created"].sample)


def _unpublished(tenant) -> int:
    with tenant_scope(tenant.pk):
        return OutboxEvent.objects.filter(published_at=None).count()


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("TRG-08")
def test_who_sends_to_a_silent_broker_waits_once_and_the_next_ones_do_not(wire, tenant):
    wire.hold(600)
    for send in (lambda: send_hint(RUN_TASK, [1]), lambda: _emit(tenant), queue_lengths):
        broker._silence.until = 0.0
        began = time.monotonic()
        assert not send()
        assert PATIENCE / 2 < time.monotonic() - began < 3 * PATIENCE
    assert _unpublished(tenant) == 1
    began = time.monotonic()
    for _ in range(20):
        assert not send_hint(RUN_TASK, [1])
        _emit(tenant)
    assert time.monotonic() - began < 20 * PATIENCE / 2
    assert _unpublished(tenant) == 21


@pytest.mark.requirement("RUN-04")
def test_whether_a_silent_broker_answers_again_one_finds_out_for_all_of_its_process(wire):
    wire.hold(600)
    broker._silence.until = time.monotonic()

    def waited(number: int) -> bool:
        began = time.monotonic()
        assert not send_hint(RUN_TASK, [number])
        return time.monotonic() - began > PATIENCE / 2

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(waited, range(4))) == 1


@pytest.mark.requirement("RUN-04")
def test_with_a_silent_broker_the_sweep_does_the_work_and_once_it_answers_hints_go_out_again(
    wire, start_runs, owner_connection, told
):
    wire.hold(600)
    runs = start_runs()
    owner_connection.execute(
        "UPDATE engine_execution SET run_at = run_at - interval '9 seconds' WHERE state = 'queued'"
    )
    sweep()
    assert told() == runs
    wire.hold(0)
    broker._silence.until = 0.0
    assert send_hint(RUN_TASK, [])


@pytest.mark.requirement("OPS-01")
def test_what_a_worker_tells_of_itself_is_heard_and_while_the_broker_is_silent_it_is_forgotten(wire):
    heard: list[str] = []
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": lambda event: heard.append(event["type"])})
        tell = app.events.Dispatcher(connection, "a worker").send
        with receiver.consumer_context(wakeup=False) as (listening, _, _):

            def is_heard() -> bool:
                tell("worker-online")
                with suppress(TimeoutError):
                    listening.drain_events(timeout=0.1)
                return bool(heard)

            until(is_heard, "who listens hears it")
    wire.hold(600)
    began = time.monotonic()
    for _ in range(20):
        tell("worker-heartbeat")
    assert PATIENCE / 2 < time.monotonic() - began < 3 * PATIENCE


@pytest.mark.requirement("RUN-04")
def test_what_fails_at_once_is_tried_once_more_on_a_new_connection(wire):
    wire.drop()
    assert send_hint(RUN_TASK, [])
    wire.drop()
    assert queue_lengths()
    wire.cut()
    assert not send_hint(RUN_TASK, [])
    wire.mend()
    assert send_hint(RUN_TASK, [])


@pytest.mark.requirement("OPS-02")
def test_a_message_that_the_broker_refuses_counts_as_not_taken(wire):
    def refused(sender):
        raise MessageNacked

    with pytest.raises(BrokerAway, match="MessageNacked"):
        with_sender(refused)
    assert send_hint(RUN_TASK, [])
