"""Getting events from the outbox onto the queue: after each commit, and by the relay for what was left behind or lost.

A row stays until the engine has taken its event in (`outbox.settle`). One that was published and is still there after
a minute was lost by the queue and is published again; its `dedupekey` makes a second arrival harmless. From the tenth
time on the minutes double, up to an hour: nobody gives an event up.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connections, transaction
from kombu import Queue
from kombu.messaging import Producer

from decommerce.community.event_queues import MOST_OF_A_FEW, Rates
from decommerce.community.exact_json import dumps
from decommerce.operations.broker import BrokerAway, with_sender
from decommerce.operations.figures import STUCK_AFTER
from decommerce.pipelining import pipelined, send
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
# What does not arrive may be what the consumer cannot take in: its rounds grow longer, to about an hour.
MOST_DOUBLINGS = 6
# Both look for what was never published, or was published and lost.
_DUE = """(published_at IS NULL OR published_at <= now() - %(lost)s
           * (1 << least(greatest(attempts - %(stuck)s + 1, 0), %(doublings)s)))"""
_TENANTS = """
SELECT tenant_id, count(*) FROM community_outboxevent
WHERE {due}
  AND created_at <= now() - %(left_behind)s
GROUP BY tenant_id ORDER BY tenant_id
"""
_LEFT = """
    SELECT tenant_id, event_id FROM community_outboxevent
    WHERE {due}
      AND tenant_id = %(tenant)s
    ORDER BY created_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
_WRITTEN = "SELECT %(tenant)s::bigint, event_id FROM jsonb_array_elements_text(%(ids)s) AS given (event_id)"
# The conflict finds each row by its key. An UPDATE or a join leaves that to the planner, and while a burst grows, its
# statistics still speak of the table before, or know nothing of the tenant: it would walk through all that wait, once
# for each that is taken.
_TAKE = """
INSERT INTO community_outboxevent AS stored (tenant_id, event_id, envelope, created_at, attempts)
SELECT tenant_id, event_id, 'null', now(), 0 FROM ({taken}) taken (tenant_id, event_id)
ON CONFLICT (tenant_id, event_id) DO UPDATE SET published_at = now(), attempts = stored.attempts + 1
WHERE {only} RETURNING {returned}
"""
_TAKE_LEFT = _TAKE.format(
    taken=_LEFT.format(due=_DUE), only="true", returned="stored.created_at, stored.id, stored.envelope::text"
)
# A row that nobody else has written is new, and goes again: its event was rolled back, or has been taken in already.
_TAKE_WRITTEN = _TAKE.format(
    taken=_WRITTEN, only="stored.published_at IS NULL", returned="stored.id, stored.event_id, stored.xmax = 0"
)
_UNDO = "DELETE FROM community_outboxevent WHERE id = ANY(%(rows)s)"
_WHEN = {"lost": LOST, "stuck": STUCK_AFTER, "doublings": MOST_DOUBLINGS}
# A crash of the database may take the mark along, and they are published again; nobody waits for the disk for that.
# Nor for long for whoever publishes them at the same moment.
_IN_ITS_TIME = "SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '2s', true)"


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
    """The envelopes of one transaction by their events' ids, which go out in one message."""

    tenant_id: int
    envelopes: dict[str, str] = field(default_factory=dict)
    published: bool = False

    def takes_more(self, tenant_id: int) -> bool:
        return not self.published and self.tenant_id == tenant_id and len(self.envelopes) < MAX_COMMIT


_thread = threading.local()


def publish_after_commit(envelopes: Mapping[str, str]) -> None:
    """Have events of the outbox, id to JSON text, published once the current transaction has committed.

    Each call leaves a hook, since a savepoint that rolls back takes its hooks with it; the first hook that runs
    publishes the events of them all. Those that were rolled back meanwhile are simply not in the table.
    """
    commit: _Commit | None = getattr(_thread, "commit", None)
    tenant_id = current_tenant_id()
    # Without a hook, what there is belongs to a transaction that was rolled back.
    if commit is None or not commit.takes_more(tenant_id) or not transaction.get_connection().run_on_commit:
        commit = _thread.commit = _Commit(tenant_id)
    commit.envelopes.update(envelopes)
    transaction.on_commit(partial(_publish_commit, commit), robust=True)


def relay_pending() -> int:
    """Publish what earlier commits left behind, in every tenant; returns the number of events.

    The tenants take turns, a batch each, and go on next time where there was no more room on the queue.
    Any number of relays may run at once. Where the broker is silent, the first tenant's turn finds that out for the
    others, which then wait for nothing.
    """
    with connections["scheduler"].cursor() as cursor:
        cursor.execute(_TENANTS.format(due=_DUE), {**_WHEN, "left_behind": LEFT_BEHIND})
        due: dict[int, int] = dict(cursor.fetchall())
    total, turns = 0, _turns.begin(list(due))
    # Chosen once for all that is due: a last batch of a few goes where those before it went.
    queues = {tenant_id: _rates.queue_for(tenant_id, count) for tenant_id, count in due.items()}
    while turns:
        tenant_id = turns.popleft()
        batch = min(due[tenant_id], MAX_BATCH)
        if count := _attempt(tenant_id, queues[tenant_id], batch, _take_left):
            total += count
            _turns.last = tenant_id
            turns.append(tenant_id)
    return total


def _publish_commit(commit: _Commit) -> None:
    if commit.published:
        return
    commit.published = True
    queue = _rates.queue_for(commit.tenant_id, len(commit.envelopes))
    ids = list(commit.envelopes)
    for start in range(0, len(ids), MAX_BATCH):
        some = ids[start : start + MAX_BATCH]
        _attempt(commit.tenant_id, queue, len(some), partial(_take_written, commit.envelopes, some))
    commit.envelopes.clear()


def _attempt(tenant_id: int, queue: Queue, events: int, take: Callable[[], list[str]]) -> int:
    """Publish in one message the envelopes that `take` marks as published; returns their number."""
    if _is_long(queue, MOST_BEFORE_A_BURST if events > MOST_OF_A_FEW else MOST_WAITING):
        return 0
    try:
        with tenant_scope(tenant_id, boundary="outbox"):
            if taken := take():
                # Where this fails, the transaction does, and they are not published after all.
                with_sender(partial(_send_by, taken, queue))
            return len(taken)
    except BrokerAway as error:
        logger.warning("Events stay in the outbox: the queue does not take them (%s)", error)
        return 0


def _take_written(envelopes: Mapping[str, str], ids: Sequence[str]) -> list[str]:
    """Those of the events that were committed and that nobody has published."""
    rows = _taken(_TAKE_WRITTEN, {"tenant": current_tenant_id(), "ids": dumps(list(ids))})
    if gone := [number for number, _, is_new in rows if is_new]:
        send(_UNDO, {"rows": gone})
    taken = {event_id for _, event_id, is_new in rows if not is_new}
    return [envelopes[event_id] for event_id in ids if event_id in taken]


def _take_left() -> list[str]:
    """The oldest that are due: never published, or published and lost."""
    values = {**_WHEN, "tenant": current_tenant_id(), "limit": MAX_BATCH}
    return [text for _, _, text in sorted(_taken(_TAKE_LEFT, values))]


def _taken(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with pipelined():
        send(_IN_ITS_TIME, [])
        rows = send(statement, values)
    return rows()


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
