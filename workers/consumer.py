"""The event consumer: from the queue into the inbox, acknowledged after the commit (docs/execution.md 1, TRG-08).

Batches adapt: whatever waits on the queue is taken together, and a lone event waits for nothing.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from kombu import Connection, Consumer, Queue
from kombu.exceptions import OperationalError
from kombu.message import Message

from decommerce.community.publisher import events_queue
from decommerce.failpoints import reached
from decommerce.operations.presence import tell_presence
from workers.heartbeat import Heartbeat
from workers.intake import Intake, Interrupted
from workers.messages import Letter, envelopes_of
from workers.runner import owner, run_here

logger = logging.getLogger(__name__)
MOST_MESSAGES = 200
ENOUGH_BYTES = 1_048_576
# How often the consumer looks whether it is to stop, in seconds.
GLANCE_SECONDS = 0.5
# A message that was on the queue already comes sooner.
LONE_SECONDS = 0.02
FIRST_WAIT, LONGEST_WAIT = 0.25, 5.0
# A consumer that died leaves its messages unacknowledged for this long. Apart from the tasks', whose time is longer.
UNACKED = {
    "visibility_timeout": 60,
    "unacked_key": "events.unacked",
    "unacked_index_key": "events.unacked_index",
    "unacked_mutex_key": "events.unacked_mutex",
    "unacked_restore_throttle": 2,
}


class EventConsumer:
    """Consumes until `stopping` is set; waits for a queue or a database that is away.

    `heartbeat` keeps the leases of the runs that are made here.
    """

    def __init__(self, stopping: threading.Event, heartbeat: Heartbeat) -> None:
        self._stopping = stopping
        self._heartbeat = heartbeat
        self._intake = Intake(stopping)
        self._received: list[Message] = []
        self._misses = 0

    def run(self) -> None:
        """Returns within seconds of being told to stop, with every message acknowledged or back on the queue."""
        while not self._stopping.is_set():
            connection = _connection()
            try:
                connection.ensure_connection(max_retries=1, interval_start=0, reraise_as_library_errors=False)
                self._consume(connection)
            except (*connection.connection_errors, *connection.channel_errors, OperationalError) as error:
                self._missed(error)
            except Interrupted:
                logger.info("stopping; what the database did not take goes back to the queue")
            finally:
                with suppress(*connection.connection_errors, *connection.channel_errors):
                    connection.close()

    def _consume(self, connection: Connection) -> None:
        channel = connection.channel()
        queue = events_queue().bind(channel)
        # One at a time: the rest is fetched when we are ready for it, and stays with the others until then.
        consumer = Consumer(
            channel,
            [queue],
            on_message=self._received.append,
            on_decode_error=lambda message, error: self._received.append(message),
            prefetch_count=1,
        )
        with consumer:
            logger.info("consuming events from the queue “%s”", queue.name)
            self._misses = 0
            while not self._stopping.is_set():
                tell_presence("consumer")
                self._received.clear()
                letters = self._fetch(connection, channel, queue)
                if self._received or letters:
                    self._take(letters)

    def _fetch(self, connection: Connection, channel: Any, queue: Queue) -> list[Letter]:
        """Wait for a message, then add what else waits, up to a bound; what is no message at all comes as letters."""
        size, began = 0, time.monotonic()
        try:
            with suppress(TimeoutError):
                connection.drain_events(timeout=GLANCE_SECONDS)
            # One that was waited for found the queue empty. Otherwise, looking for a message that is not there takes
            # longer than asking how many there are.
            is_lone = time.monotonic() - began >= LONE_SECONDS
            if self._received and (is_lone or not queue.queue_declare().message_count):
                return []
            while self._received and len(self._received) < MOST_MESSAGES and size < ENOUGH_BYTES:
                size += len(self._received[-1].body or "")
                message = channel.basic_get(queue.name)
                if message is None:
                    break
                self._received.append(channel.message_to_python(message))
        except (ValueError, KeyError, TypeError) as error:
            # Somebody else's text on our queue: the transport has taken it off, and there is nothing to acknowledge.
            body = error.doc if isinstance(error, json.JSONDecodeError) else ""
            return [Letter(body, "", "not_a_message", f"This is no message of the queue: {error!r}")]
        return []

    def _take(self, letters: list[Letter]) -> None:
        envelopes: list[Any] = []
        for message in self._received:
            found = _contents(message)
            if isinstance(found, Letter):
                letters.append(found)
            else:
                envelopes.extend(found)
        # Where nothing else waits on the queue, a hint and a worker that hears it would take longer than the run.
        run_here(self._intake.take(envelopes, letters, owner()), self._heartbeat)
        for message in self._received:
            message.ack()
        reached("events.acknowledged")

    def _missed(self, error: Exception) -> None:
        self._misses += 1
        if self._misses == 1:
            logger.warning("the queue does not answer, looking for it again: %s", type(error).__name__)
        self._stopping.wait(min(FIRST_WAIT * 2 ** (self._misses - 1), LONGEST_WAIT))


def _contents(message: Message) -> Sequence[Any] | Letter:
    if message.errors:
        return Letter(repr(message.body), message.content_type or "", "undecodable", repr(message.errors[0]))
    return envelopes_of(message.body, message.content_type or "")


def _connection() -> Connection:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **({} if settings.BROKER_IS_RABBITMQ else UNACKED)}
    return Connection(settings.CELERY_BROKER_URL, transport_options=options)
