"""Getting events from the outbox onto the queue: after each commit, and by the relay for what was left behind or lost.

A row stays until the engine has taken its event in (`outbox.settle`). One that was published and is still there after
a minute was lost by the queue and is published again; its `dedupekey` makes a second arrival harmless.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection, connections, transaction
from kombu import Queue
from kombu.messaging import Producer

from decommerce.operations.broker import BrokerAway, with_sender
from decommerce.tenancy.context import current_tenant_id, tenant_scope

logger = logging.getLogger(__name__)

BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
EVENT_CONTENT_TYPE = "application/cloudevents+json"
MAX_BATCH = 200
MAX_COMMIT = 5000
# What a commit leaves behind is published within milliseconds; what is older was left behind for good.
LEFT_BEHIND = timedelta(seconds=2)
LOST = timedelta(seconds=60)
# With more messages than that on the queue, events wait in the outbox: the broker's memory is not the place for them.
MOST_WAITING = 500
GLANCE_SECONDS = 0.2
# An event that never arrives however often it is published is left for people to look at.
MAX_ATTEMPTS = 10
# Both look for what was never published, or was published and lost.
_TENANTS = """
SELECT DISTINCT tenant_id FROM community_outboxevent
WHERE (published_at IS NULL OR published_at <= now() - %(lost)s AND attempts < %(attempts)s)
  AND created_at <= now() - %(left_behind)s
ORDER BY tenant_id
"""
_TAKE = """
WITH due AS (
    SELECT id FROM community_outboxevent
    WHERE (published_at IS NULL OR published_at <= now() - %(lost)s AND attempts < %(attempts)s)
      AND tenant_id = %(tenant)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE community_outboxevent event SET published_at = now(), attempts = attempts + 1
FROM due WHERE event.id = due.id RETURNING event.id, event.envelope::text
"""


def events_queue() -> Queue:
    """The queue that services publish to and the event consumer reads, on the broker's default exchange."""
    return Queue(settings.EVENTS_QUEUE, routing_key=settings.EVENTS_QUEUE, durable=True)


@dataclass(slots=True)
class _Line:
    """What was last seen of the queue, and when it is looked at again."""

    look_at: float = 0.0
    is_long: bool = False


_line = _Line()


@dataclass(slots=True)
class _Commit:
    """The outbox rows of one transaction, which go out in one message."""

    tenant_id: int
    row_ids: list[int] = field(default_factory=list)
    published: bool = False

    def takes_more(self, tenant_id: int) -> bool:
        return not self.published and self.tenant_id == tenant_id and len(self.row_ids) < MAX_COMMIT


_thread = threading.local()


def publish_after_commit(row_ids: Sequence[int]) -> None:
    """Have these rows published once the current transaction has committed.

    Each call leaves a hook, since a savepoint that rolls back takes its hooks with it; the first hook that runs
    publishes the rows of them all. Rows that were rolled back meanwhile are simply not there.
    """
    commit: _Commit | None = getattr(_thread, "commit", None)
    tenant_id = current_tenant_id()
    if commit is None or not commit.takes_more(tenant_id):
        commit = _thread.commit = _Commit(tenant_id)
    commit.row_ids.extend(row_ids)
    transaction.on_commit(partial(_publish_commit, commit), robust=True)


def relay_pending() -> int:
    """Publish what earlier commits left behind, in every tenant; returns the number of events.

    Any number of relays may run at once. Stops at the first sign that the broker does not answer.
    """
    with connections["scheduler"].cursor() as cursor:
        cursor.execute(_TENANTS, {"lost": LOST, "attempts": MAX_ATTEMPTS, "left_behind": LEFT_BEHIND})
        tenant_ids = [row[0] for row in cursor.fetchall()]
    total = 0
    for tenant_id in tenant_ids:
        while count := _attempt(tenant_id, None):
            total += count
    return total


def _publish_commit(commit: _Commit) -> None:
    if commit.published:
        return
    commit.published = True
    for start in range(0, len(commit.row_ids), MAX_BATCH):
        _attempt(commit.tenant_id, commit.row_ids[start : start + MAX_BATCH])


def _attempt(tenant_id: int, row_ids: Sequence[int] | None) -> int:
    if _queue_is_long():
        return 0
    try:
        with tenant_scope(tenant_id, boundary="outbox"):
            return _publish(row_ids)
    except BrokerAway as error:
        logger.warning("Events stay in the outbox: the queue does not take them (%s)", error)
        return 0


def _publish(row_ids: Sequence[int] | None) -> int:
    """Publish the given rows, or the oldest ones that are due, in one message."""
    values = {
        "lost": LOST,
        "attempts": MAX_ATTEMPTS,
        "tenant": current_tenant_id(),
        "ids": None if row_ids is None else list(row_ids),
        "limit": MAX_BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        found = sorted(cursor.fetchall())
    if found:
        # Where this fails, the transaction does, and they are not published after all.
        _send([text for _, text in found])
    return len(found)


def _queue_is_long() -> bool:
    """Whether so much waits for the consumer that more would only fill the broker; asked a few times a second."""
    now = time.monotonic()
    if now >= _line.look_at:
        _line.look_at = now + GLANCE_SECONDS
        long = _messages_waiting() >= MOST_WAITING
        if long and not _line.is_long:
            logger.warning("Events stay in the outbox: %s messages wait for the consumer", MOST_WAITING)
        _line.is_long = long
    return _line.is_long


def _messages_waiting() -> int:
    """How many messages are on the queue; 0 where the broker does not answer, as who publishes will find out."""
    try:
        return with_sender(_length)
    except BrokerAway:
        return 0


def _length(sender: Producer) -> int:
    return int(events_queue().bind(sender.channel).queue_declare().message_count)


def _send(envelopes: Sequence[str]) -> None:
    with_sender(partial(_send_by, envelopes))


def _send_by(envelopes: Sequence[str], sender: Producer) -> None:
    single = len(envelopes) == 1
    queue = events_queue()
    sender.publish(
        envelopes[0] if single else f"[{','.join(envelopes)}]",
        content_type=EVENT_CONTENT_TYPE if single else BATCH_CONTENT_TYPE,
        content_encoding="utf-8",
        exchange="",
        routing_key=queue.name,
        declare=[queue],
        delivery_mode="persistent",
    )
