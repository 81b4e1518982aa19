"""What falls due all at once: schedules of one minute, and delayed runs of one instant."""

from __future__ import annotations

import os
import statistics
import time
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import EXECUTIONS, set_quota
from apps_engine.store.state import merge_state
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.models import Member
from decommerce.community.publisher import MAX_BATCH
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.benchmarks.copies import telling_member, yearly_apps
from tests.benchmarks.measure import ROUNDS, judge
from tests.scenarios.processes import Processes
from tests.waiting import until

SCHEDULES = 5_000
DELAYED = 10_000
PATIENCE = 240
# Of so many members one has left the sequence when its time has come, and of another the delay does not want it.
ONE_IN = 20
LEFT_OUT = DELAYED // ONE_IN
GONE, UNWANTED = 0, 1
# What has a sequence left: the event says it, or the app remembers it.
EXITS = {
    "of the event": f"trigger.member.level == {GONE}",
    "of the app's state": "(state.gone | default: []) contains trigger.member.level",
}
# A schedule fires once for a minute, so each round has a minute of its own.
_FIRE = """
UPDATE engine_schedule SET next_fire_at = date_trunc('minute', now()) - %s * interval '5 minutes' WHERE tenant_id = %s
"""
_DUE = "UPDATE engine_execution SET run_at = now() WHERE state = 'queued' AND app_id = %s"
# Asked some twenty times a second: of the new ones alone, else whoever waits takes the time of those who work.
_ENDED = "SELECT count(*) FROM engine_execution WHERE state IN ('succeeded', 'skipped') AND tenant_id = %s AND id > %s"
_NEWEST = "SELECT coalesce(max(id), 0) FROM engine_execution"
_COUNTS = """
SELECT (SELECT count(*) FROM engine_execution WHERE state = 'succeeded' AND tenant_id = %(tenant)s),
    (SELECT count(*) FROM community_notification WHERE tenant_id = %(tenant)s),
    (SELECT count(*) FROM engine_execution WHERE state = 'skipped' AND error ->> 'code' = 'no_longer_wanted'
        AND (trigger #>> '{member,level}')::int = %(gone)s AND tenant_id = %(tenant)s),
    (SELECT count(*) FROM engine_execution WHERE state = 'skipped' AND error ->> 'code' = 'no_longer_wanted'
        AND (trigger #>> '{member,level}')::int = %(unwanted)s AND tenant_id = %(tenant)s)
"""


def due(owner: psycopg.Connection, tenant: Tenant, principal: Principal, processes: Processes) -> None:
    """With one worker, which nobody tells of anything: its sweep has to find what is due.

    It has as many children as there are processors, which is what Celery gives it unless it is told otherwise.
    """
    with tenant_scope(tenant.pk):
        set_quota(principal, EXECUTIONS, 20 * DELAYED)
    apps = {asked: sequence(tenant, principal, asked) for asked in EXITS}
    yearly_apps(owner, tenant, principal, SCHEDULES)
    processes.worker("--concurrency", str(os.cpu_count()))
    print()
    took = statistics.median(fired(owner, tenant, number) for number in range(ROUNDS))
    judge(f"{SCHEDULES:,} schedules due in one minute, to the end of the last run", took, must=60, goal=10, unit="s")
    for asked, app in apps.items():
        what = f"{DELAYED:,} delayed runs due at once, {2 * LEFT_OUT:,} no longer wanted, the exit a matter {asked}"
        took = statistics.median(fallen_due(owner, tenant, app, asked) for _ in range(ROUNDS))
        judge(what, took, must=60, goal=10, unit="s")


def fired(owner: psycopg.Connection, tenant: Tenant, number: int = 0) -> float:
    """Seconds until the last of the tenant's 5,000 schedules, all due in one minute, has had its run."""
    return _seconds(owner, tenant, (SCHEDULES, SCHEDULES, 0, 0), (_FIRE, [number, tenant.pk]), _newest(owner))


def fallen_due(owner: psycopg.Connection, tenant: Tenant, app: int, asked: str) -> float:
    """Seconds until the last of 10,000 runs that the app has planned, all due now, is over."""
    newest = _newest(owner)
    _plan(tenant, asked, app)
    run = DELAYED - 2 * LEFT_OUT
    return _seconds(owner, tenant, (run, run, LEFT_OUT, LEFT_OUT), (_DUE, [app]), newest)


def sequence(tenant: Tenant, principal: Principal, asked: str) -> int:
    """An app that plans a run for later by each event; its number."""
    delays = [{"delay": "1h", "flow": "main", "when": f"trigger.member.level != {UNWANTED}"}]
    trigger = {"type": "delayed", "event": "member.joined", "sequence": delays, "exit_when": EXITS[asked],
               "filter": {"member.country": {"eq": asked}}}  # fmt: skip
    with tenant_scope(tenant.pk):
        return create_app(principal, telling_member(Member.objects.first().pk, f"Delayed: {asked}", trigger)).pk


def _plan(tenant: Tenant, asked: str, app: int) -> None:
    """Have the app plan its runs, by as many events."""
    for start in range(0, DELAYED, MAX_BATCH):
        joined = [_joined(tenant, asked, number % ONE_IN) for number in range(start, start + MAX_BATCH)]
        assert len(ingest(joined).executions) == MAX_BATCH
    with tenant_scope(tenant.pk):
        merge_state(app, "", {"gone": [GONE]})


def _joined(tenant: Tenant, country: str, level: int) -> dict[str, Any]:
    sample = EVENTS["member.joined"].sample
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/bench",
        "type": "member.joined",
        "tenantid": tenant.slug,
        "data": {**sample, "member": {**sample["member"], "country": country, "level": level}},
    }


def _seconds(
    owner: psycopg.Connection,
    tenant: Tenant,
    expected: Sequence[int],
    falls_due: tuple[str, list[int]],
    newest: int,
) -> float:
    """`expected` are the runs that succeed, the members told, and the runs dropped by `exit_when` and by `when`.

    All of them have numbers above `newest`; the statement `falls_due` has them due.
    """
    before = _counts(owner, tenant)
    owner.execute(*falls_due)
    began = time.perf_counter()
    runs = expected[0] + expected[2] + expected[3]
    until(lambda: _ended(owner, tenant, newest) >= runs, "all that was due is over", PATIENCE)
    took = time.perf_counter() - began
    assert [new - old for new, old in zip(_counts(owner, tenant), before, strict=True)] == [*expected]
    return took


def _newest(owner: psycopg.Connection) -> int:
    return int(owner.execute(_NEWEST).fetchone()[0])


def _ended(owner: psycopg.Connection, tenant: Tenant, newest: int) -> int:
    return int(owner.execute(_ENDED, [tenant.pk, newest]).fetchone()[0])


def _counts(owner: psycopg.Connection, tenant: Tenant) -> tuple[int, ...]:
    """How many runs have succeeded, how many members were told, how many had left, and were not wanted."""
    values = {"tenant": tenant.pk, "gone": GONE, "unwanted": UNWANTED}
    return tuple(owner.execute(_COUNTS, values).fetchone())
