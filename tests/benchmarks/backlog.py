"""A backlog of events, from the queue to finished runs, against as many bare Celery tasks."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
from celery import current_app
from kombu.pools import producers

from apps_engine.language.jsontext import dumps
from apps_engine.services.apps import create_app
from apps_engine.services.quotas import EXECUTIONS, set_quota
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.event_queues import bursts_queue, events_queue
from decommerce.community.models import Member
from decommerce.community.publisher import BATCH_CONTENT_TYPE, EVENT_CONTENT_TYPE, MAX_BATCH
from decommerce.operations.broker import broker_connection
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import definition
from tests.benchmarks.measure import ROUNDS, faster, judge, medians
from tests.scenarios.processes import Process, Processes
from tests.waiting import until

APPS = 50
EVENTS_AT_ONCE = 10_000
TASKS_AT_ONCE = 2_000
FLOOR_QUEUE = "floor"
PATIENCE = 600
# What each event leaves one of: asked for before and after, and not while anybody works.
_LEFT_BEHIND = """
SELECT (SELECT count(*) FROM engine_eventinbox WHERE tenant_id = %(tenant)s),
    (SELECT count(*) FROM engine_execution WHERE app_id = ANY(%(apps)s) AND state = 'succeeded'),
    (SELECT count(*) FROM engine_stepresult s JOIN engine_execution e ON e.id = s.execution_id
        WHERE e.app_id = ANY(%(apps)s) AND s.status = 'done'),
    (SELECT count(*) FROM community_notification WHERE tenant_id = %(tenant)s)
"""


def backlog(owner: psycopg.Connection, tenant: Tenant, principal: Principal, processes: Processes) -> None:
    """10,000 events over 50 apps while nobody works; from when work begins until the last run has ended."""
    with tenant_scope(tenant.pk):
        # More runs than a tenant usually may in an hour.
        set_quota(principal, EXECUTIONS, 10 * ROUNDS * EVENTS_AT_ONCE)
        author = Member.objects.first().pk
        apps = [create_app(principal, telling(number)).pk for number in range(APPS)]
    consumer, worker = processes.consumer(), processes.worker()
    # The floor is one process, as it was when the bounds were set. Ours are two, so two bare ones are shown beside it.
    bare = {n: processes.worker("--concurrency", str(n), "--queues", f"{FLOOR_QUEUE}{n}") for n in (1, 2)}
    commits: list[float] = []

    def ours() -> float:
        before = newest_transaction(owner)
        took = worked_off(owner, tenant, author, apps, [worker, consumer])
        commits.append(commits_since(owner, before) / EVENTS_AT_ONCE)
        return took

    found = medians(
        {
            "floor": lambda: _tasks(owner, bare[1], f"{FLOOR_QUEUE}1"),
            "the floor's task by two processes": lambda: _tasks(owner, bare[2], f"{FLOOR_QUEUE}2"),
            "ours": ours,
        }
    )
    faster("Backlog of 10,000 events, 50 apps, to finished runs, per event", found, must=5, goal=10)
    judge("Commits of everybody, per run of a backlog", statistics.median(commits), must=0.2, goal=0.05)


def telling(number: int) -> dict[str, Any]:
    """Tells the author of a post in one room; four templates."""
    params = {
        "to": "{{ trigger.post.author_id }}",
        "title": "Thanks for {{ trigger.post.title }}",
        "body": "{{ trigger.author.display_name | uppercase }}, your {{ trigger.post.body_length }} letters are read.",
        "link": "/posts/{{ trigger.post.id }}",
    }
    trigger = {"type": "event", "event": "post.created", "filter": {"post.room_id": {"eq": number}}}
    steps = [{"id": "tell", "act": "send_notification", "params": params}]
    return definition(steps, trigger, name=f"Thanks in room {number}")


def event(tenant: Tenant, author: int, room: int) -> dict[str, Any]:
    """A post in a room, as the platform tells of it."""
    data = {**EVENTS["post.created"].sample}
    data["post"] = {**data["post"], "author_id": author, "room_id": room, "body_length": 100}
    identifier = str(uuid.uuid4())
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": f"/tenants/{tenant.slug}/community",
        "type": "post.created",
        "subject": "post/812",
        "time": "2026-11-22T03:00:00Z",
        "datacontenttype": "application/json",
        "tenantid": tenant.slug,
        "chain": "",
        "dedupekey": identifier,
        "data": data,
    }


def lone_event(owner: psycopg.Connection, tenant: Tenant, author: int, room: int = 1) -> float:
    """From the moment it is put on the queue until the commit that ends its run, in seconds."""
    envelope = event(tenant, author, room)
    (newest,) = owner.execute("SELECT COALESCE(max(id), 0) FROM engine_execution").fetchone()
    # To look for it costs no more than to look for the floor's row.
    query = """
        SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM engine_execution
        WHERE id > %s AND state = 'succeeded' AND trigger -> 'event' ->> 'id' = %s"""
    began = time.time()
    _publish([envelope], EVENT_CONTENT_TYPE)
    row = until(lambda: owner.execute(query, [newest, envelope["id"]]).fetchone(), "the run ends")
    return float(row[0]) - began


def worked_off(
    owner: psycopg.Connection, tenant: Tenant, author: int, apps: list[int], workers: list[Process]
) -> float:
    """Per event, in seconds."""
    # What the apps count themselves is asked for often, and costs the machine nothing.
    ended = "SELECT sum(runs) FROM engine_app WHERE id = ANY(%s)"
    before = owner.execute(ended, [apps]).fetchone()[0]
    left_behind = _left_behind(owner, tenant, apps)
    batch = [event(tenant, author, number % len(apps)) for number in range(EVENTS_AT_ONCE)]
    return (
        _timed(
            workers,
            lambda: _publish(batch),
            lambda: owner.execute(ended, [apps]).fetchone()[0] == before + EVENTS_AT_ONCE,
            lambda: _left_behind(owner, tenant, apps) == [count + EVENTS_AT_ONCE for count in left_behind],
        )
        / EVENTS_AT_ONCE
    )


def _left_behind(owner: psycopg.Connection, tenant: Tenant, apps: list[int]) -> list[int]:
    """Events in the inbox, runs that succeeded, lines of their journals, notifications."""
    return list(owner.execute(_LEFT_BEHIND, {"tenant": tenant.pk, "apps": apps}).fetchone())


def _tasks(owner: psycopg.Connection, worker: Process, queue: str) -> float:
    """Per task, in seconds."""
    owner.execute("TRUNCATE bench_floor")
    done = "SELECT count(*) FROM bench_floor WHERE state = 'done'"

    def send() -> None:
        for number in range(TASKS_AT_ONCE):
            current_app.send_task("bench.floor", args=[number], queue=queue)

    def all_done() -> bool:
        return bool(owner.execute(done).fetchone()[0] == TASKS_AT_ONCE)

    return _timed([worker], send, all_done, all_done) / TASKS_AT_ONCE


def _timed(
    workers: list[Process], fill: Callable[[], object], ended: Callable[[], bool], right: Callable[[], bool]
) -> float:
    """How long the workers, which stand still while the queue is filled, take for it."""
    for worker in workers:
        worker.freeze()
    try:
        fill()
    finally:
        began = time.perf_counter()
        for worker in workers:
            worker.thaw()
    until(ended, "the backlog is worked off", PATIENCE)
    took = time.perf_counter() - began
    assert right()
    return took


def _publish(events: list[dict[str, Any]], content_type: str = BATCH_CONTENT_TYPE) -> None:
    """As the publisher sends what one commit leaves behind: two hundred to a message, one by itself."""
    queue = bursts_queue() if content_type == BATCH_CONTENT_TYPE else events_queue()
    with producers[broker_connection()].acquire(block=True) as producer:
        for start in range(0, len(events), MAX_BATCH):
            batch = events[start : start + MAX_BATCH]
            producer.publish(
                dumps(batch if content_type == BATCH_CONTENT_TYPE else batch[0]),
                content_type=content_type,
                content_encoding="utf-8",
                exchange="",
                routing_key=queue.name,
                declare=[queue],
                delivery_mode="persistent",
            )


def newest_transaction(owner: psycopg.Connection) -> int:
    """The number of the newest transaction that wrote; to ask takes none."""
    query = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1"
    return int(owner.execute(query).fetchone()[0])


def commits_since(owner: psycopg.Connection, number: int) -> int:
    """How many commits wrote something since that transaction, whoever's they were.

    Savepoints have numbers too, and the time of the commit that they were part of; what was undone has none.
    """
    query = "SELECT count(DISTINCT pg_xact_commit_timestamp(n::text::xid)) FROM generate_series(%s::bigint, %s) n"
    return int(owner.execute(query, [number + 1, newest_transaction(owner)]).fetchone()[0])
