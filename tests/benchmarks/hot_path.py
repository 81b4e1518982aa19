"""What a community pays for all that `make bench` promises something of, to be asked again with more stored."""

from __future__ import annotations

import itertools
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from apps_engine.services.apps import create_app
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.runs import list_runs
from apps_engine.store.claims import claim
from apps_engine.store.models import App
from decommerce.community.models import Member
from decommerce.operations.figures import queue_lengths
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import rewarding
from tests.benchmarks.backlog import event, lone_event, telling, worked_off
from tests.benchmarks.copies import yearly_apps
from tests.benchmarks.due import EXITS, SCHEDULES, fallen_due, fired, sequence
from tests.benchmarks.durability import done_run, enqueued_in, replayed_in
from tests.benchmarks.looping import ITEMS, ONCE, checked, loop_run
from tests.benchmarks.measure import medians, seconds
from tests.scenarios.processes import Processes
from tests.waiting import until
from workers.sweep import sweep

ROOM = 1
ROOMS = 40
OFTEN = 25
EXIT = next(iter(EXITS))
LONE_EVENTS = 40
PATIENCE_SECONDS = 120
# What is measured leaves rows behind; where nobody took them away, little history would soon be much.
_KEPT = ("engine_execution", "engine_eventinbox", "engine_decision", "community_notification")
_CANCEL = "UPDATE engine_execution SET state = 'cancelled' WHERE id = ANY(%s) AND state = 'queued'"


@dataclass(frozen=True, slots=True)
class Community:
    """A tenant with forty apps that listen to a room each, one that walks through all members, one that plans runs."""

    tenant: Tenant
    principal: Principal
    apps: list[int]
    loop: App
    sequence: int
    author: int

    @classmethod
    def of(cls, tenant: Tenant, principal: Principal) -> Community:
        with tenant_scope(tenant.pk):
            apps = [create_app(principal, telling(room)).pk for room in range(ROOMS)]
            loop = create_app(principal, {**rewarding(once_per=ONCE), "name": "Everyone"})
            return cls(tenant, principal, apps, loop, sequence(tenant, principal, EXIT), Member.objects.first().pk)


def in_process(owner: psycopg.Connection, community: Community) -> dict[str, float]:
    """Seconds of each, in this process."""
    return medians(
        {
            "ingest an event that starts a run": lambda: _ingested(owner, community),
            "claim and execute it": lambda: _executed(community),
            "the first page of runs": lambda: seconds(lambda: _first_page(community)),
            "one sweep": lambda: seconds(sweep),
        },
        OFTEN,
    )


def in_bulk(owner: psycopg.Connection, community: Community) -> dict[str, float]:
    """Seconds of each; the rows of a loop are looked at afterwards."""
    tenant, numbers = community.tenant, itertools.count()
    run = done_run(tenant, community.principal, community.loop)
    return medians(
        {
            "a loop's item with its claim": lambda: (
                checked(tenant, loop_run(tenant, community.principal, community.loop)) / ITEMS
            ),
            "enqueue a run, of 500 at once": lambda: enqueued_in(tenant, community.loop, next(numbers)),
            "replay a run of 1,000 items": lambda: replayed_in(owner, run),
        }
    )


def at_work(owner: psycopg.Connection, community: Community, processes: Processes) -> dict[str, float]:
    """Seconds of each, by a worker and a consumer; what they leave behind is taken away again."""
    tenant, principal = community.tenant, community.principal
    yearly_apps(owner, tenant, principal, SCHEDULES)
    workers = [processes.consumer(), processes.worker("--concurrency", str(os.cpu_count()))]
    until(lambda: not any(queue_lengths().values()), "the queues are empty", PATIENCE_SECONDS)

    def lone() -> float:
        return lone_event(owner, tenant, community.author)

    def burst() -> float:
        return worked_off(owner, tenant, community.author, community.apps, workers)

    def delayed() -> float:
        return fallen_due(owner, tenant, community.sequence, EXIT)

    try:
        return {
            "a lone event to its committed effect": statistics.median(lone() for _ in range(LONE_EVENTS)),
            **medians(
                {
                    "a backlog of 10,000, per event": lambda: _undone(owner, tenant, burst),
                    f"{SCHEDULES:,} schedules due": lambda: _undone(owner, tenant, lambda: fired(owner, tenant)),
                    "10,000 delayed runs due": lambda: _undone(owner, tenant, delayed),
                },
                rounds=3,
            ),
        }
    finally:
        processes.close()


def _undone(owner: psycopg.Connection, tenant: Tenant, work: Callable[[], float]) -> float:
    """What the work says; the rows that it added are gone."""
    newest = {table: owner.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0] for table in _KEPT}
    took = work()
    owner.execute("SET app.retention = 'on'")
    for table in _KEPT:
        owner.execute(f"DELETE FROM {table} WHERE tenant_id = %s AND id > %s", [tenant.pk, newest[table]])
        # Else the next measure walks past them, as nobody does for long where rows are deleted by the thousand.
        owner.execute(f"VACUUM (ANALYZE) {table}")
    return took


def _ingested(owner: psycopg.Connection, community: Community) -> float:
    envelope, started = _event(community), []
    took = seconds(lambda: started.extend(ingest([envelope]).executions))
    # Left in the queue it would be the next sweep's, whose work would then be measured and not what history adds to it.
    owner.execute(_CANCEL, [started])
    return took


def _executed(community: Community) -> float:
    ids = ingest([_event(community)]).executions

    def work() -> None:
        (claimed,) = claim("bench", 1, ids)
        assert execute(claimed) == "succeeded"

    return seconds(work)


def _event(community: Community) -> dict[str, Any]:
    return event(community.tenant, community.author, ROOM)


def _first_page(community: Community) -> None:
    with tenant_scope(community.tenant.pk):
        assert len(list_runs(community.principal, None)) > 1
