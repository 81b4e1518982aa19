"""Messages that go back to Valkey's queues: whatever one says of itself, it is there again (TRG-08)."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.conf import settings
from kombu import Connection

from workers.valkey import Transport

pytestmark = pytest.mark.requirement("TRG-08")
BODY = '{"id": "Ada\'s secret"}'


@pytest.fixture
def queues(redis):
    """The keys of the two queues, empty at first."""
    keys = [f"{settings.QUEUE_NAMESPACE}:{name}" for name in (settings.EVENTS_QUEUE, settings.EVENT_BURSTS_QUEUE)]
    redis.delete(*keys)
    yield keys
    redis.delete(*keys)


@pytest.fixture
def channel():
    """As the consumer's."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with Connection(settings.REDIS_URL, transport=Transport, transport_options=options) as connection:
        yield connection.channel()


def message(queue: str, **changed: object) -> str:
    info = {"exchange": "", "routing_key": queue, **changed.pop("info", {})}
    properties = {"delivery_tag": str(uuid4()), "delivery_info": info, **changed.pop("properties", {})}
    return json.dumps({"body": BODY, "headers": {}, "properties": properties, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"headers": None},
        {"headers": {"compression": "zlib"}},
        {"properties": {"priority": float("inf")}},
        {"properties": {"priority": 9}},
        {"info": {"exchange": "nobody's"}},
        {"info": {"routing_key": ""}},
        {"info": {"routing_key": "somebody's queue"}},
    ],
)
def test_a_message_that_is_given_back_is_on_the_queue_again_and_in_no_log(redis, queues, channel, caplog, changed):
    redis.lpush(queues[0], message(settings.EVENTS_QUEUE, **changed))
    assert channel.basic_get(settings.EVENTS_QUEUE)
    assert not redis.llen(queues[0])
    channel.close()
    (again,) = redis.lrange(queues[0], 0, -1)
    assert json.loads(again)["body"] == BODY
    assert "secret" not in caplog.text


def test_a_message_of_a_burst_goes_back_to_the_bursts(redis, queues, channel):
    redis.lpush(queues[1], message(settings.EVENT_BURSTS_QUEUE))
    assert channel.basic_get(settings.EVENT_BURSTS_QUEUE)
    channel.close()
    assert [redis.llen(queue) for queue in queues] == [0, 1]
