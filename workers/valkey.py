"""Valkey's queues as the event consumer reads them: what is no message of theirs is one that holds its text.

The transport takes a message off its queue before it reads it, and dies of one that it cannot read: that one was lost,
and its neighbours waited for the next consumer, which died of the next one. Wrapped, it goes the way of all others.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from types import UnionType
from typing import Any
from uuid import uuid4

from django.conf import settings
from kombu.transport import redis
from kombu.utils.json import dumps, loads

from workers.messages import NO_MESSAGE

TEXT: UnionType = str | None
FIELDS: Mapping[str, type | UnionType] = {
    "body": str,
    "content-type": TEXT,
    "content-encoding": TEXT,
    "headers": dict | None,
    "properties": dict,
}
PROPERTIES: Mapping[str, type | UnionType] = {"delivery_tag": str, "delivery_info": dict, "body_encoding": TEXT}
DELIVERY: Mapping[str, type | UnionType] = {"exchange": str, "routing_key": str}
UTF_8, BASE64 = "utf-8", "base64"
# Nobody needs more, and whoever writes it anew goes as deep.
MOST_LEVELS = 16
MOST_OF_A_REASON = 300


class Channel(redis.Channel):
    """Hands on nothing that it cannot read, and gives back whatever it handed on."""

    def _create_client(self, asynchronous: bool = False) -> Any:
        client = super()._create_client(asynchronous)
        client.set_response_callback("RPOP", lambda item, **_: None if item is None else self._readable(item))
        client.set_response_callback("BRPOP", lambda found, **_: found and (found[0], self._readable(found[1])))
        return client

    def _do_restore_message(
        self, payload: Any, exchange: str, routing_key: str, pipe: Any, leftmost: bool = False
    ) -> None:
        # kombu asks the message where it belongs, and one that gives no good answer it logs whole and drops.
        queue = routing_key if routing_key == settings.EVENT_BURSTS_QUEUE else settings.EVENTS_QUEUE
        (pipe.lpush if leftmost else pipe.rpush)(queue, dumps(payload))

    def _readable(self, item: bytes) -> bytes:
        try:
            self._read(loads(item))
        except Exception as error:  # noqa: BLE001 - of the text alone: nobody is asked for anything here
            return _wrapped(item, error)
        return item

    def _read(self, message: Any) -> None:
        """What the transport does with it; raises whatever it raises, and where it would go on with nonsense."""
        _require(message, FIELDS)
        properties = message["properties"]
        _require(properties, PROPERTIES)
        _require(properties["delivery_info"], DELIVERY)
        if _levels_left(message) < 0:
            raise ValueError("it is nested too deeply")
        properties["delivery_tag"].encode()
        if (properties.get("body_encoding") or UTF_8).lower() != UTF_8:
            if properties["body_encoding"] != BASE64:
                raise ValueError(f"“body_encoding” is {properties['body_encoding']}")
            # The transport would leave out what is not of the alphabet.
            b64decode(message["body"], validate=True)


class Transport(redis.Transport):
    """kombu's transport with these channels."""

    Channel = Channel


def _require(found: Any, kinds: Mapping[str, type | UnionType]) -> None:
    if not isinstance(found, dict):
        raise TypeError(f"an object is wanted, not {type(found).__name__}")
    for name, kind in kinds.items():
        if not isinstance(found.get(name), kind):
            raise TypeError(f"“{name}” is {type(found.get(name)).__name__}")


def _levels_left(value: Any, left: int = MOST_LEVELS) -> int:
    if left < 0 or not isinstance(value, dict | list):
        return left
    members = value.values() if isinstance(value, dict) else value
    return min((_levels_left(member, left - 1) for member in members), default=left)


def _wrapped(item: bytes, error: Exception) -> bytes:
    queue = {"exchange": "", "routing_key": settings.EVENTS_QUEUE}
    message = {
        "body": item.decode(errors="replace"),
        "content-type": NO_MESSAGE,
        "content-encoding": "utf-8",
        "headers": {"reason": repr(error)[:MOST_OF_A_REASON]},
        "properties": {"delivery_tag": str(uuid4()), "delivery_info": queue},
    }
    return dumps(message).encode()
