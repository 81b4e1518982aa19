"""What workers tell Flower of themselves, with seconds of patience for the broker.

A worker's main process sends it. Celery's own dispatcher waits for a broker that takes nothing as long as that lasts,
and meanwhile the process hears no hints and replaces no child.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from celery.app.events import Events as CeleryEvents
from celery.events.dispatcher import EventDispatcher
from kombu.messaging import Producer

from decommerce.operations.broker import BrokerAway, with_sender

# What happens so soon after a broker took nothing is not told: each attempt would hold the process up anew.
QUIET_SECONDS = 30.0


class Dispatcher(EventDispatcher):
    """Sends what happens in a worker, or forgets it."""

    _quiet_until = 0.0

    def _publish(self, event: Any, producer: Producer | None, routing_key: str, **_: Any) -> None:
        if producer is None or time.monotonic() < self._quiet_until:
            return
        try:
            with_sender(partial(self._send, event, routing_key))
        except BrokerAway:
            self._quiet_until = time.monotonic() + QUIET_SECONDS

    def _send(self, event: Any, routing_key: str, sender: Producer) -> None:
        sender.publish(
            event,
            routing_key=routing_key,
            exchange=self.exchange.name,
            declare=[self.exchange],
            serializer=self.serializer,
            headers=self.headers,
            delivery_mode=self.delivery_mode,
        )


class Events(CeleryEvents):
    """What `decommerce.celery` names."""

    dispatcher_cls = Dispatcher
