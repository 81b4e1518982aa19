"""Sending to the broker of hints and events, with seconds of patience: who sends has a request or a transaction open.

Who reads from the broker has a connection of its own, without these bounds: to wait is what it is there for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from amqp.exceptions import MessageNacked
from django.conf import settings
from kombu import Connection
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.messaging import Producer
from kombu.pools import producers

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 2.0
# Whoever meets a silent broker waits for all of the patience, so for a while nobody else of this process asks it.
SILENT_SECONDS = 3.0
# py-amqp waits for ever for a confirmation, for the answer to a declaration and for that to its own goodbye: these are
# of the socket, below all of it.
RABBITMQ_BOUNDS = ("read_timeout", "write_timeout")
VALKEY_BOUNDS = ("socket_connect_timeout", "socket_timeout")
# No queue has this name: what is sent there is confirmed and forgotten.
NOBODY = "nobody"


class BrokerAway(OperationalError):
    """The broker did not take it: it is away, silent, or refuses."""


@dataclass(slots=True)
class _Silence:
    """Until when (by the monotonic clock) this process leaves the broker alone; 0 while it answers."""

    until: float = 0.0


_silence = _Silence()


@lru_cache(maxsize=1)
def broker_connection() -> Connection:
    """How to reach the broker, for the pool of producers; whatever is asked of it is given up within seconds."""
    return _bounded_connection()


def _bounded_connection() -> Connection:
    bounds = RABBITMQ_BOUNDS if settings.BROKER_IS_RABBITMQ else VALKEY_BOUNDS
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **dict.fromkeys(bounds, PATIENCE_SECONDS)}
    return Connection(settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=PATIENCE_SECONDS)


def with_sender(work: Callable[[Producer], Answer]) -> Answer:
    """What `work` returns, given a producer of this process's pool; it may be called twice.

    A pooled connection may have died unnoticed, so what fails at once is tried once more, on a new one. Raises
    BrokerAway, after a few seconds at the most, and at once while the broker was found silent a moment ago.
    """
    try:
        return _attempt(work)
    except BrokerAway:
        if time.monotonic() < _silence.until:
            raise
        return _attempt(work)


def ask(sender: Producer) -> None:
    """Have the broker answer before anything is sent to it; raises what `with_sender` makes a BrokerAway of.

    One that is frozen or takes nothing has in its buffers what was sent to it, and takes that too when it goes on.
    """
    if settings.BROKER_IS_RABBITMQ:
        # At its limit of memory or disk it answers everything but this, and on a new connection one still passes.
        for _ in range(2):
            sender.publish("", routing_key=NOBODY)
    else:
        sender.channel.client.ping()


def takes_messages() -> bool:
    """Whether the broker does, asked on a connection of its own: what this process found out before is not believed."""
    broker = _bounded_connection()
    try:
        ask(Producer(broker))
    except _failures(broker):
        return False
    finally:
        broker.collect()
    return True


def _attempt(work: Callable[[Producer], Answer]) -> Answer:
    broker, began = broker_connection(), time.monotonic()
    _refuse_while_silent(began)
    finds_out = _silence.until > 0.0
    if finds_out:
        # One asks for all of this process: the others would only wait with it.
        _silence.until = began + SILENT_SECONDS
    try:
        with producers[broker].acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
            if not finds_out:
                # It may have fallen silent while this one waited for its turn.
                _refuse_while_silent(time.monotonic())
            try:
                answer = work(producer)
            except _failures(broker):
                # Closing it politely would mean to wait for an answer again.
                producer.connection.collect()
                raise
    except BrokerAway:
        raise
    except _failures(broker) as error:
        ended = time.monotonic()
        _silence.until = ended + SILENT_SECONDS if ended - began >= PATIENCE_SECONDS / 2 else 0.0
        raise BrokerAway(type(error.__cause__ or error).__name__) from error
    _silence.until = 0.0
    return answer


def _failures(broker: Connection) -> tuple[type[BaseException], ...]:
    return (*broker.connection_errors, *broker.channel_errors, OperationalError, LimitExceeded, MessageNacked)


def _refuse_while_silent(now: float) -> None:
    if now < _silence.until:
        raise BrokerAway("silent")
