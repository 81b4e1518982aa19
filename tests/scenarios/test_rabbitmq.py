"""RabbitMQ as the broker, by one setting (OPS-02)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from zlib import compress

import pytest
from django.conf import settings as django_settings
from kombu import Queue

from apps_engine.services.apps import create_app
from apps_engine.services.hints import DELIVER_TASK, send_hint
from apps_engine.store.models import EventInbox
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.event_queues import events_queue
from decommerce.community.outbox import NewEvent, emit, emit_many
from decommerce.community.publisher import EVENT_CONTENT_TYPE
from decommerce.operations import broker
from decommerce.operations.broker import BrokerAway, ask, with_sender
from decommerce.operations.figures import queue_lengths
from decommerce.operations.health import system_health
from decommerce.tenancy.context import tenant_scope
from tests.rabbitmq_server import RabbitMQ, is_installed, running_rabbitmq
from tests.scenarios.definitions import stamping
from tests.scenarios.processes import Process
from tests.waiting import until

OPTIONS = {"confirm_publish": True, "max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
POST_CREATED = EVENTS["post.created"].sample
QUEUES = {"runs", "calls", "delivery", "maintenance", "events", "events.bursts"}
LIMITED = Queue("limited", queue_arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
PATIENCE = 0.5


@pytest.fixture
def rabbitmq(settings, monkeypatch, tmp_path):
    """A server, and this process at it."""
    if not is_installed():
        pytest.skip("rabbitmq-server is not installed here (Debian: apt-get install rabbitmq-server)")
    folder = tmp_path / "rabbitmq"
    folder.mkdir()
    with running_rabbitmq(folder) as server:
        settings.CELERY_BROKER_URL, settings.BROKER_IS_RABBITMQ = server.url, True
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = OPTIONS
        monkeypatch.setattr(broker, "PATIENCE_SECONDS", PATIENCE)
        monkeypatch.setattr(broker, "_silence", broker._Silence())
        broker.broker_connection.cache_clear()
        yield server
    broker.broker_connection.cache_clear()


def _publish_limited(sender) -> None:
    sender.publish("one", routing_key=LIMITED.name, declare=[LIMITED])


def _seconds(work: Callable[[], object]) -> float:
    """How long it takes while this process does not know yet that the broker is silent."""
    broker._silence.until = 0.0
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _told_of_rabbitmq() -> str:
    return next(part.told for part in system_health().parts if part.name == "RabbitMQ")


def _at_its_limit_of_memory(rabbitmq: RabbitMQ, worker: Process) -> None:
    """It is told, nothing is sent in vain, and the worker's main process does what else it has to do."""
    assert _told_of_rabbitmq() == "Answers."
    rabbitmq.fill()
    until(lambda: "takes no messages" in _told_of_rabbitmq(), "health says so")
    with pytest.raises(BrokerAway):
        with_sender(ask)
    children = worker.children()
    os.kill(children[0], signal.SIGKILL)
    until(lambda: worker.children() not in ([], children), "another child is there", 10)
    rabbitmq.make_room()
    until(lambda: _told_of_rabbitmq() == "Answers.", "health says so")
    broker._silence.until = 0.0


@pytest.mark.requirement("OPS-02")
def test_events_and_hints_go_by_rabbitmq_and_the_sweep_does_the_work_while_it_is_silent_or_gone(
    processes, rabbitmq, redis, tenant, other_tenant, principal, members, start_runs, stamps, wait_for_states
):
    with tenant_scope(tenant.pk):
        joined = {"type": "event", "event": "member.joined"}
        create_app(principal, stamping("{{ trigger.member.id }}", trigger=joined))
        emit_many([NewEvent("post.created", POST_CREATED, f"post/{number}") for number in range(1_000)])
    people = members(50)
    with tenant_scope(other_tenant.pk):
        emit("post.created", POST_CREATED)
    # Each a message of its own, which the consumer finds waiting.
    for _ in range(5):
        members(1)
    waiting = queue_lengths()
    assert waiting["events"] > 0
    assert waiting["events"] + waiting["events.bursts"] == 12
    worker = processes.worker(BROKER_URL=rabbitmq.url)
    processes.consumer(BROKER_URL=rabbitmq.url)
    until(lambda: len(stamps()) == 55, "fifty-five members are stamped")
    with tenant_scope(other_tenant.pk):
        lone = EventInbox.objects.get().pk
    with tenant_scope(tenant.pk):
        assert EventInbox.objects.filter(pk__lt=lone).count() <= 400
        assert EventInbox.objects.count() == 1_055
    assert worker.says("Connected to amqp://")
    assert worker.says("Task workers.run")
    until(lambda: set(queue_lengths().values()) == {0}, "the queues are empty")
    assert set(queue_lengths()) == QUEUES
    assert not any(redis.exists(f"{django_settings.QUEUE_NAMESPACE}:{name}") for name in QUEUES)
    rabbitmq.freeze()
    assert _seconds(lambda: send_hint(DELIVER_TASK)) < 3 * PATIENCE
    assert _seconds(lambda: members(1)) < 3 * PATIENCE
    wait_for_states(start_runs(stamping(people[0], "soon", name="Soon"), 1), "succeeded")
    rabbitmq.thaw()
    broker._silence.until = 0.0
    assert send_hint(DELIVER_TASK)
    members(1)
    until(lambda: len(stamps()) == 58, "who joined meanwhile and who joined afterwards are stamped")
    _at_its_limit_of_memory(rabbitmq, worker)
    with_sender(_publish_limited)
    with pytest.raises(BrokerAway, match="MessageNacked"):
        with_sender(_publish_limited)
    rabbitmq.kill()
    wait_for_states(start_runs(stamping(people[0], "later", name="Later"), 10), "succeeded")
    assert worker.popen.poll() is None


@pytest.mark.requirement("TRG-08")
def test_what_rabbitmq_hands_on_and_nobody_can_read_is_kept_and_the_next_event_is_taken_in(
    processes, rabbitmq, tenant, owner_connection
):
    (last,) = owner_connection.execute("SELECT COALESCE(max(id), 0) FROM engine_deadletter").fetchone()

    def publish(sender) -> None:
        for body, kind, more in (
            (b"a", "a\ud800\0", {}),
            (rb"\ud800", EVENT_CONTENT_TYPE, {"content_encoding": "unicode_escape"}),
            (b"b", EVENT_CONTENT_TYPE, {"content_encoding": "no such"}),
            (b"c", EVENT_CONTENT_TYPE, {"headers": {"compression": 5}}),
            (compress(b"d"), EVENT_CONTENT_TYPE, {"headers": {"compression": "zlib"}}),
            (b"[" * 100_000, EVENT_CONTENT_TYPE, {}),
        ):
            sender.publish(body, content_type=kind, routing_key=queue.name, declare=[queue], serializer=None, **more)

    queue = events_queue()
    with_sender(publish)
    with tenant_scope(tenant.pk):
        emit("post.created", POST_CREATED)
    consumer = processes.consumer(BROKER_URL=rabbitmq.url)

    def taken_in() -> bool:
        with tenant_scope(tenant.pk):
            return EventInbox.objects.exists()

    until(taken_in, "the good event is taken in")
    letters = "SELECT code FROM engine_deadletter WHERE id > %s ORDER BY id"
    codes = [code for (code,) in owner_connection.execute(letters, [last]).fetchall()]
    assert codes == [*("bad_content_type", "json_syntax", "json_syntax"), *("undecodable", "undecodable", "too_deep")]
    assert consumer.terminate(10) == 0
