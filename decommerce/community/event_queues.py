"""The queues that events go by: a few at a time by one, bursts by the other, so that nobody stands behind a burst."""

from __future__ import annotations

import time
from collections import Counter

from django.conf import settings
from kombu import Queue

# What people do leaves a few events behind, an import or a loop leaves many.
MOST_OF_A_FEW = 20
MOST_A_SECOND = 50


def events_queue() -> Queue:
    """The queue that services publish to and the event consumer reads, on the broker's default exchange."""
    return Queue(settings.EVENTS_QUEUE, routing_key=settings.EVENTS_QUEUE, durable=True)


def bursts_queue() -> Queue:
    """The queue beside it for who publishes many events; the consumer takes turns between the two."""
    return Queue(settings.EVENT_BURSTS_QUEUE, routing_key=settings.EVENT_BURSTS_QUEUE, durable=True)


class Rates:
    """How many events each tenant published from this process within the second that runs."""

    def __init__(self) -> None:
        self._second = 0
        self._counts: Counter[int] = Counter()

    def queue_for(self, tenant_id: int, events: int) -> Queue:
        """Where so many events of the tenant belong, which are counted with it."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._counts = second, Counter()
        self._counts[tenant_id] += events
        is_burst = events > MOST_OF_A_FEW or self._counts[tenant_id] > MOST_A_SECOND
        return bursts_queue() if is_burst else events_queue()
