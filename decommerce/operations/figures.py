"""Figures of the whole system that PostgreSQL and the queue know: how much waits, and how long the first has waited.

They are read as the scheduler's role, which sees states and times of all tenants and nothing else. Each statement goes
by an index over what is open, so it costs little while little is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connections
from kombu.messaging import Producer

from decommerce.operations.broker import BrokerAway, with_sender

SCHEDULER = "scheduler"
# An event that was published so often and never arrived is one for people to look at.
STUCK_AFTER = 10


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and for how many seconds the first one has."""

    count: int
    seconds: float


_SINCE = "SELECT count(*), COALESCE(extract(epoch FROM now() - min({time})), 0) FROM {rows}"
# Runs that a worker may claim. Of a key that runs as often as it may, the others wait rightly.
_DUE = """engine_execution e JOIN engine_app a ON a.id = e.app_id AND a.status = 'active'
LEFT JOIN (
    SELECT app_id, concurrency_key, count(*) AS runs FROM engine_execution WHERE state = 'running' AND exclusive
    GROUP BY app_id, concurrency_key
) busy ON busy.app_id = e.app_id AND busy.concurrency_key = e.concurrency_key
WHERE e.state = 'queued' AND e.run_at <= now() AND (NOT e.exclusive OR COALESCE(busy.runs, 0) < e.slots)"""
# What is open: the time since when, and the rows.
_OPEN: Mapping[str, tuple[str, str]] = {
    "runs": ("e.run_at", _DUE),
    "calls": ("e.run_at", f"{_DUE} AND e.lane = 'calls'"),
    "running": ("started_at", "engine_execution WHERE state = 'running'"),
    "outbox": ("created_at", "community_outboxevent"),
    "stuck_events": ("created_at", f"community_outboxevent WHERE attempts >= {STUCK_AFTER}"),
    "messages": ("run_at", "community_outboundmessage WHERE state = 'queued' AND run_at <= now()"),
    "schedules": ("next_fire_at", "engine_schedule WHERE next_fire_at <= now()"),
    "dead_letters": ("received_at", "engine_deadletter"),
}


def figures() -> dict[str, Waiting]:
    """By name what is open: due runs and those of them that call outside, runs at work, the outbox, due messages and
    schedules, dead letters.
    """
    found: dict[str, Waiting] = {}
    with connections[SCHEDULER].cursor() as cursor:
        for name, (time, rows) in _OPEN.items():
            cursor.execute(_SINCE.format(time=time, rows=rows))
            count, seconds = cursor.fetchone()
            found[name] = Waiting(int(count), max(0.0, float(seconds)))
    return found


def queue_lengths() -> dict[str, int]:
    """How many messages wait on each queue of the broker; nothing where the broker does not answer."""
    try:
        return with_sender(_lengths)
    except BrokerAway:
        return {}


def _lengths(sender: Producer) -> dict[str, int]:
    tasks = (queue.name for queue in settings.CELERY_TASK_QUEUES)
    names = [*tasks, settings.EVENTS_QUEUE, settings.EVENT_BURSTS_QUEUE]
    declare = sender.channel.queue_declare
    return {name: int(declare(queue=name, durable=True, auto_delete=False).message_count) for name in names}
