"""Events that are taken in by a real consumer, whatever comes and whatever is away (TRG-08, docs/execution.md 1)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from kombu.pools import producers

from apps_engine.store.models import EventInbox
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.event_queues import events_queue
from decommerce.community.publisher import BATCH_CONTENT_TYPE, EVENT_CONTENT_TYPE
from decommerce.operations.broker import broker_connection
from decommerce.tenancy.context import tenant_scope
from tests.scenarios.proxy import wire_to
from tests.waiting import until


def publish(body: str | bytes, content_type: str = EVENT_CONTENT_TYPE, compression: str | None = None) -> None:
    """Put a message on the events queue, as anybody could who reaches the broker."""
    queue = events_queue()
    encoding = "binary" if isinstance(body, bytes) else "utf-8"
    with producers[broker_connection()].acquire(block=True) as producer:
        way = {"routing_key": queue.name, "declare": [queue], "compression": compression}
        producer.publish(body, content_type=content_type, content_encoding=encoding, **way)


def envelope(tenant: Any, number: int = 1, **changed: Any) -> dict[str, Any]:
    """A good envelope, unless something is changed; a value of None leaves a field out."""
    good = {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "/test",
        "type": "member.joined",
        "tenantid": tenant.slug,
        "time": "2026-11-21T09:00:00Z",
        "data": dict(EVENTS["member.joined"].sample),
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def publish_event(tenant: Any, number: int = 1, **changed: Any) -> None:
    publish(json.dumps(envelope(tenant, number, **changed)))


def a_minute_passes(redis: Any) -> None:
    """The one message that somebody who died had in his hands is given back."""
    index = f"{settings.QUEUE_NAMESPACE}:events.unacked_index"
    (tag,) = redis.zrange(index, 0, -1)
    redis.zadd(index, {tag: time.time() - 61})


@pytest.fixture
def inbox(tenant) -> Callable[[], list[str]]:
    """The ids of the events that the tenant's inbox holds."""

    def read() -> list[str]:
        with tenant_scope(tenant.pk):
            return list(EventInbox.objects.order_by("pk").values_list("event_id", flat=True))

    return read


@pytest.fixture
def dead_letters(owner_connection) -> Callable[[], list[tuple[str, str]]]:
    """Code and body of the dead letters of this test, oldest first."""
    (last,) = owner_connection.execute("SELECT COALESCE(max(id), 0) FROM engine_deadletter").fetchone()

    def read() -> list[tuple[str, str]]:
        found = "SELECT code, body FROM engine_deadletter WHERE id > %s ORDER BY id"
        return owner_connection.execute(found, [last]).fetchall()

    return read


# Why a message may be no event, as the dead letters name it.
CODES = {
    "bad_content_type",
    "undecodable",
    "not_utf8",
    "json_syntax",
    "duplicate_key",
    "too_deep",
    "too_large",
    "nul_character",
    "not_an_object",
    "not_a_batch",
    "bad_specversion",
    "unknown_event",
    "bad_payload",
    "unknown_tenant",
    "bad_tenantid",
    "bad_time",
    "bad_chain",
}


def publish_no_events(tenant: Any) -> None:
    """One message at least for each of CODES; a good event, number 2, is among them."""
    publish(json.dumps(envelope(tenant)), "text/plain")
    publish(json.dumps(envelope(tenant)), compression="zlib")
    publish(json.dumps(envelope(tenant)), compression="bzip2")
    publish(b"\xff\xfe no text", EVENT_CONTENT_TYPE)
    publish('{"specversion": "1.0",')
    publish('{"id": 1, "id": 2}')
    publish("[" * 1000 + "]" * 1000)
    publish(json.dumps({"pad": "x" * 1_100_000}))
    publish('{"data": "\\u0000"}')
    publish("[1, 2, 3]")
    publish(json.dumps({"a": 1}), BATCH_CONTENT_TYPE)
    publish(json.dumps([envelope(tenant, 2), "no envelope"]), BATCH_CONTENT_TYPE)
    publish_event(tenant, specversion="0.3")
    publish_event(tenant, type="no.such.event")
    publish_event(tenant, data={"member": "not a member"})
    publish_event(tenant, tenantid="nobody-knows-this-tenant")
    publish_event(tenant, tenantid=None)
    publish_event(tenant, time="yesterday")
    publish_event(tenant, chain="1,zwei")


def test_what_is_no_event_is_kept_with_its_reason_and_the_next_event_is_taken_in(
    processes, redis, tenant, inbox, dead_letters
):
    publish_no_events(tenant)
    redis.lpush(f"{settings.QUEUE_NAMESPACE}:{settings.EVENTS_QUEUE}", "somebody's own text")
    publish_event(tenant, 3)

    consumer = processes.consumer()
    until(lambda: inbox() == ["event-2", "event-3"], "the good events are taken in")
    until(lambda: {code for code, _ in dead_letters()} == {*CODES, "not_a_message"}, "each of the others is kept")
    assert ("not_a_message", "somebody's own text") in dead_letters()
    assert len([code for code, _ in dead_letters() if code == "not_an_object"]) == 2
    assert consumer.terminate(10) == 0


def message(**changed: Any) -> dict[str, Any]:
    """A message as it lies on Valkey's queue, about no event; a value of an ellipsis leaves a field out."""
    properties = {"delivery_tag": str(uuid.uuid4()), "delivery_info": {"exchange": "", "routing_key": "events"}}
    good = {
        "body": "{}",
        "content-type": EVENT_CONTENT_TYPE,
        "content-encoding": "utf-8",
        "headers": {},
        "properties": {**properties, **changed.pop("properties", {})},
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not ...}


def no_messages() -> list[str]:
    """What no transport can read."""
    wrong = [
        *(message(body=body) for body in ([{"specversion": "1.0"}], {"a": 1}, 5, True, None, ...)),
        *(message(headers=headers) for headers in (5, [1], "x")),
        *({**message(), "properties": properties} for properties in (None, [], 5, {})),
        *(message(properties={"body_encoding": encoding}) for encoding in (5, [], "rot13", "base64")),
        *(message(properties={"delivery_tag": tag}) for tag in (None, 7, {}, "\ud800")),
        *(message(properties={"delivery_info": info}) for info in (None, 5, {}, {"exchange": 1, "routing_key": []})),
        *(message(**{"content-type": kind}) for kind in (5, ["x"], {"a": 1})),
        message(**{"content-encoding": 5}),
        message(headers={"x": {"__type__": "decimal", "__value__": "no number"}}),
        *(None, 5, 1.5, True, "x", [], [1], {}),
    ]
    deep = ["[" * 100_000, json.dumps(message(headers={"x": 0})).replace("0}", "[" * 500 + "]" * 500 + "}")]
    return [*map(json.dumps, wrong), *deep, "1" + "0" * 5000, "{", "NaN"]


@pytest.mark.requirement("TRG-08")
def test_what_is_no_message_at_all_is_kept_whole_and_costs_its_neighbours_nothing(
    processes, redis, tenant, inbox, dead_letters
):
    queue, wrong = f"{settings.QUEUE_NAMESPACE}:{settings.EVENTS_QUEUE}", no_messages()
    publish_event(tenant, 1)
    for text in wrong:
        redis.lpush(queue, text)
        publish_event(tenant, 2)
    publish_event(tenant, 3)
    redis.lpush(queue, b"\xff\xfe")
    consumer = processes.consumer()
    until(lambda: inbox() == ["event-1", "event-2", "event-3"], "the good events are taken in")
    until(lambda: len(dead_letters()) > len(wrong), "the others are kept")
    assert dead_letters() == [*(("not_a_message", text) for text in wrong), ("not_a_message", "\ufffd\ufffd")]
    # Each by itself, while nothing else waits.
    for number, text in enumerate(wrong, 4):
        redis.lpush(queue, text)
        until(lambda: not redis.llen(queue), "it is taken")
        publish_event(tenant, number)
        until(lambda number=number: f"event-{number}" in inbox(), "the next one is taken in")
    assert not redis.hlen(f"{settings.QUEUE_NAMESPACE}:events.unacked")
    assert consumer.terminate(10) == 0


@pytest.mark.requirement("TRG-08")
def test_what_is_no_message_is_kept_by_another_consumer_where_one_is_killed_before(
    processes, redis, service_environment, tenant, dead_letters
):
    wire = wire_to(service_environment["RUNTIME_DATABASE_URL"])
    wire.cut()
    text = f"[{uuid.uuid4()}"
    redis.lpush(f"{settings.QUEUE_NAMESPACE}:{settings.EVENTS_QUEUE}", text)
    killed = processes.consumer(RUNTIME_DATABASE_URL=wire.through(service_environment["RUNTIME_DATABASE_URL"]))
    killed.wait_for("the database does not take them", 20)
    killed.kill()
    a_minute_passes(redis)
    processes.consumer()
    until(lambda: dead_letters() == [("not_a_message", text)], "another one keeps it")


@pytest.mark.requirement("TRG-08")
@pytest.mark.parametrize("body", ["\ud800", "{}"])
def test_half_a_character_and_a_nul_in_a_message_are_no_trouble(processes, redis, tenant, inbox, dead_letters, body):
    queue = f"{settings.QUEUE_NAMESPACE}:{settings.EVENTS_QUEUE}"
    redis.lpush(queue, json.dumps(message(body=body, **{"content-type": "a\ud800\0" * 60})))
    publish_event(tenant, 1)
    processes.consumer()
    until(lambda: inbox() == ["event-1"], "the next one is taken in")
    assert len(dead_letters()) == 1


@pytest.mark.requirement("TRG-08")
def test_duplicates_and_disorder_in_one_message_and_over_messages_are_dropped(processes, tenant, inbox):
    publish(json.dumps([envelope(tenant, n) for n in (3, 1, 3, 2)]), BATCH_CONTENT_TYPE)
    publish_event(tenant, 1)
    publish_event(tenant, 9, dedupekey="event-2")
    publish_event(tenant, 4)
    processes.consumer()
    until(lambda: "event-4" in inbox(), "all were seen")
    assert inbox() == ["event-3", "event-1", "event-2", "event-4"]


@pytest.mark.requirement("SEC-01")
def test_an_event_reaches_the_tenant_it_names_and_no_other(processes, tenant, other_tenant, inbox):
    publish(json.dumps([envelope(other_tenant, 1), envelope(tenant, 2), envelope(other_tenant, 3)]), BATCH_CONTENT_TYPE)
    processes.consumer()
    until(inbox, "the event is taken in")
    assert inbox() == ["event-2"]
    with tenant_scope(other_tenant.pk):
        assert list(EventInbox.objects.order_by("pk").values_list("event_id", flat=True)) == ["event-1", "event-3"]


def test_events_wait_on_the_queue_while_the_database_is_away(processes, service_environment, tenant, inbox):
    wire = wire_to(service_environment["RUNTIME_DATABASE_URL"])
    through = wire.through(service_environment["RUNTIME_DATABASE_URL"])
    consumer = processes.consumer(RUNTIME_DATABASE_URL=through)
    publish_event(tenant, 1)
    until(lambda: inbox() == ["event-1"], "the first is taken in")
    wire.cut()
    publish_event(tenant, 2)
    consumer.wait_for("the database does not take them", 20)
    wire.mend()
    until(lambda: inbox() == ["event-1", "event-2"], "the second is taken in")
    assert consumer.says("the database takes events again")


def test_a_consumer_that_must_stop_while_the_database_is_away_leaves_the_events_on_the_queue(
    processes, service_environment, tenant, inbox
):
    wire = wire_to(service_environment["RUNTIME_DATABASE_URL"])
    wire.cut()
    publish_event(tenant)
    waiting = processes.consumer(RUNTIME_DATABASE_URL=wire.through(service_environment["RUNTIME_DATABASE_URL"]))
    waiting.wait_for("the database does not take them", 20)
    assert waiting.terminate(10) == 0
    assert inbox() == []
    processes.consumer()
    until(lambda: inbox() == ["event-1"], "the event is taken in by another")


def test_a_consumer_looks_for_a_queue_that_is_away_and_goes_on_when_it_is_back(
    processes, service_environment, tenant, inbox
):
    wire = wire_to(service_environment["REDIS_URL"])
    consumer = processes.consumer(REDIS_URL=wire.through(service_environment["REDIS_URL"]))
    wire.cut()
    consumer.wait_for("the queue does not answer", 20)
    publish_event(tenant)
    wire.mend()
    until(inbox, "the event is taken in")
    assert consumer.log.read_text().count("the queue does not answer") == 1


def test_what_a_killed_consumer_had_in_its_hands_is_given_to_another(
    processes, redis, service_environment, tenant, inbox
):
    wire = wire_to(service_environment["RUNTIME_DATABASE_URL"])
    wire.cut()
    publish_event(tenant)
    killed = processes.consumer(RUNTIME_DATABASE_URL=wire.through(service_environment["RUNTIME_DATABASE_URL"]))
    killed.wait_for("the database does not take them", 20)
    killed.kill()
    a_minute_passes(redis)
    processes.consumer()
    until(lambda: inbox() == ["event-1"], "the event is taken in by another")
