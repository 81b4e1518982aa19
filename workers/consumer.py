"""The event consumer: from the queues into the inbox, acknowledged after the commit (docs/execution.md 1, TRG-08).

The two queues take turns, a batch each. Batches adapt: what waits on a queue is taken together up to a bound, and a
lone event waits for nothing, or for one batch of somebody's burst.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack, suppress
from typing import Any

from django.conf import settings
from kombu import Connection, Consumer, Queue
from kombu.exceptions import OperationalError

from decommerce.community.event_queues import bursts_queue, events_queue
from decommerce.failpoints import reached
from decommerce.operations.presence import tell_presence
from workers.depth import Depth
from workers.heartbeat import Heartbeat
from workers.intake import Intake, Interrupted
from workers.messages import Batch
from workers.runner import owner, run_here
from workers.valkey import Transport

logger = logging.getLogger(__name__)
# How often the consumer looks whether it is to stop, in seconds.
GLANCE_SECONDS = 0.5
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
        self._depth = Depth()
        self._batch = Batch()
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
        queues = [events_queue().bind(channel), bursts_queue().bind(channel)]
        # From here on a message may come with any answer of the broker.
        self._batch = Batch()
        with ExitStack() as consuming:
            for queue in queues:
                consuming.enter_context(self._consumer(channel, queue))
            logger.info("consuming events from the queues %s", ", ".join(f"“{queue.name}”" for queue in queues))
            self._misses = 0
            while not self._stopping.is_set():
                tell_presence("consumer")
                self._fetch(connection, channel, queues[0])
                if self._batch.messages:
                    self._take(self._batch)
                    self._batch = Batch()

    def _consumer(self, channel: Any, queue: Queue) -> Consumer:
        def arrived(message: Any, error: Exception | None = None) -> None:
            self._batch.add(queue, message)

        # One at a time: the rest is fetched when we are ready for it, and stays with the others until then.
        return Consumer(channel, [queue], on_message=arrived, on_decode_error=arrived, prefetch_count=1)

    def _fetch(self, connection: Connection, channel: Any, usual: Queue) -> None:
        """Wait for a message, then add what else waits on its queue, up to a bound."""
        batch = self._batch
        self._depth.refresh(usual)
        began = time.monotonic()
        if not batch.messages:
            with suppress(TimeoutError):
                connection.drain_events(timeout=GLANCE_SECONDS)
        # Looking for a message that is not there takes longer than asking how many there are.
        queue, waited = batch.queue, time.monotonic() - began
        if queue is None or batch.is_full() or self._depth.is_nought(waited) or not self._depth.ask(queue):
            return
        while not batch.is_full():
            message = channel.basic_get(queue.name)
            if message is None:
                break
            batch.add(queue, channel.message_to_python(message))

    def _take(self, batch: Batch) -> None:
        # Where nothing else waits on the queue, a hint and a worker that hears it would take longer than the run.
        if not run_here(self._intake.take(batch.envelopes, batch.letters, owner()), self._heartbeat):
            # As for any duplicate, this returns once it is on the disk.
            self._intake.take(batch.envelopes, [])
        for message in batch.messages:
            message.ack()
        reached("events.acknowledged")

    def _missed(self, error: Exception) -> None:
        self._misses += 1
        if self._misses == 1:
            logger.warning("the queue does not answer, looking for it again: %s", type(error).__name__)
        self._stopping.wait(min(FIRST_WAIT * 2 ** (self._misses - 1), LONGEST_WAIT))


def _connection() -> Connection:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if settings.BROKER_IS_RABBITMQ:
        return Connection(settings.CELERY_BROKER_URL, transport_options=options)
    return Connection(settings.CELERY_BROKER_URL, transport=Transport, transport_options={**options, **UNACKED})
