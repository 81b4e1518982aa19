"""Getting events from the outbox onto the queue: after each commit, and by the relay for what was left behind or lost.

A row stays until the engine has taken its event in (`outbox.settle`). One that was published and is still there after
a minute was lost by the queue and is published again; its `dedupekey` makes a second arrival harmless.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.db import connection, connections, transaction
from kombu import Queue
from kombu.messaging import Producer

from decommerce.community.event_queues import MOST_OF_A_FEW, Rates
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
# A burst that finds so many before it waits there too: the relay lets the tenants take turns, the broker does not.
MOST_WAITING, MOST_BEFORE_A_BURST = 500, 100
GLANCE_SECONDS = 0.2
# An event that never arrives however often it is published is left for people to look at.
MAX_ATTEMPTS = 10
# Both look for what was never published, or was published and lost.
_TENANTS = """
SELECT tenant_id, count(*) FROM community_outboxevent
WHERE (published_at IS NULL OR published_at <= now() - %(lost)s AND attempts < %(attempts)s)
  AND created_at <= now() - %(left_behind)s
GROUP BY tenant_id ORDER BY tenant_id
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


@dataclass(slots=True)
class _Line:
    """What was last seen of a queue, and when it is looked at again."""

    look_at: float = 0.0
    is_long: bool = False


# By queue, and by how many may wait there.
_lines: defaultdict[tuple[str, int], _Line] = defaultdict(_Line)
_rates = Rates()


@dataclass(slots=True)
class _Turns:
    """Whose turn it is when events are left behind: after this tenant's comes the one with the next higher id."""

    last: int = 0

    def begin(self, tenant_ids: Sequence[int]) -> deque[int]:
        """The tenants, given in the order of their ids, in that of their turns."""
        first = bisect_right(tenant_ids, self.last)
        return deque([*tenant_ids[first:], *tenant_ids[:first]])


_turns = _Turns()


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

    The tenants take turns, a batch each, and go on next time where there was no more room on the queue.
    Any number of relays may run at once. Where the broker is silent, the first tenant's turn finds that out for the
    others, which then wait for nothing.
    """
    with connections["scheduler"].cursor() as cursor:
        cursor.execute(_TENANTS, {"lost": LOST, "attempts": MAX_ATTEMPTS, "left_behind": LEFT_BEHIND})
        due: dict[int, int] = dict(cursor.fetchall())
    total, turns = 0, _turns.begin(list(due))
    # Chosen once for all that is due: a last batch of a few goes where those before it went.
    queues = {tenant_id: _rates.queue_for(tenant_id, count) for tenant_id, count in due.items()}
    while turns:
        tenant_id = turns.popleft()
        if count := _attempt(tenant_id, None, queues[tenant_id], min(due[tenant_id], MAX_BATCH)):
            total += count
            _turns.last = tenant_id
            turns.append(tenant_id)
    return total


def _publish_commit(commit: _Commit) -> None:
    if commit.published:
        return
    commit.published = True
    queue = _rates.queue_for(commit.tenant_id, len(commit.row_ids))
    for start in range(0, len(commit.row_ids), MAX_BATCH):
        row_ids = commit.row_ids[start : start + MAX_BATCH]
        _attempt(commit.tenant_id, row_ids, queue, len(row_ids))


def _attempt(tenant_id: int, row_ids: Sequence[int] | None, queue: Queue, events: int) -> int:
    if _is_long(queue, MOST_BEFORE_A_BURST if events > MOST_OF_A_FEW else MOST_WAITING):
        return 0
    try:
        with tenant_scope(tenant_id, boundary="outbox"):
            return _publish(row_ids, queue)
    except BrokerAway as error:
        logger.warning("Events stay in the outbox: the queue does not take them (%s)", error)
        return 0


def _publish(row_ids: Sequence[int] | None, queue: Queue) -> int:
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
        _send([text for _, text in found], queue)
    return len(found)


def _is_long(queue: Queue, most: int) -> bool:
    """Whether so much waits for the consumer that more has to wait in the outbox; asked a few times a second."""
    line, now = _lines[queue.name, most], time.monotonic()
    if now >= line.look_at:
        line.look_at = now + GLANCE_SECONDS
        long = _messages_waiting(queue) >= most
        if long and not line.is_long:
            logger.warning("Events stay in the outbox: %s messages wait on “%s” for the consumer", most, queue.name)
        line.is_long = long
    return line.is_long


def _messages_waiting(queue: Queue) -> int:
    """How many messages are on the queue; 0 where the broker does not answer, as who publishes will find out."""
    try:
        return with_sender(partial(_length, queue))
    except BrokerAway:
        return 0


def _length(queue: Queue, sender: Producer) -> int:
    return int(queue.bind(sender.channel).queue_declare().message_count)


def _send(envelopes: Sequence[str], queue: Queue) -> None:
    with_sender(partial(_send_by, envelopes, queue))


def _send_by(envelopes: Sequence[str], queue: Queue, sender: Producer) -> None:
    single = len(envelopes) == 1
    sender.publish(
        envelopes[0] if single else f"[{','.join(envelopes)}]",
        content_type=EVENT_CONTENT_TYPE if single else BATCH_CONTENT_TYPE,
        content_encoding="utf-8",
        exchange="",
        routing_key=queue.name,
        declare=[queue],
        delivery_mode="persistent",
    )
