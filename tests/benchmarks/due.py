"""What falls due all at once: schedules of one minute, and delayed runs of one instant."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from apps_engine.services.apps import create_app
from apps_engine.services.quotas import EXECUTIONS, set_quota
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.benchmarks.copies import telling_member, yearly_apps
from tests.scenarios.processes import Processes
from tests.waiting import until

SCHEDULES = 5_000
DELAYED = 10_000
PATIENCE = 240
MUST, GOAL = 60, 10
_FIRE = "UPDATE engine_schedule SET next_fire_at = date_trunc('minute', now()) WHERE tenant_id = %s"
_DELAYED = """
INSERT INTO engine_execution (tenant_id, app_id, version_id, flow, trigger_type, trigger_id, trigger_key, trigger,
    inputs, chain, requested_by, session_key, generation, state, run_at, priority, attempt, max_attempts, owner, fence,
    concurrency_key, exclusive, usage, items, created_at)
SELECT v.tenant_id, v.app_id, v.id, 'main', 'delayed', '', 'delayed:' || n, '{}', '{}', '[]', '', '', 0, 'queued',
    now(), 5, 0, 3, '', 0, '', false, '{}', 0, now() - interval '1 day'
FROM engine_appversion v, generate_series(1, %s) n WHERE v.app_id = %s
"""
_ENDED = "SELECT count(*) FROM engine_execution WHERE state = 'succeeded' AND tenant_id = %s"
_TOLD = "SELECT count(*) FROM community_notification WHERE tenant_id = %s"


def due(owner: psycopg.Connection, tenant: Tenant, principal: Principal, processes: Processes) -> None:
    """With one worker, which nobody tells of anything: its sweep has to find what is due."""
    with tenant_scope(tenant.pk):
        set_quota(principal, EXECUTIONS, 10 * DELAYED)
        member = Member.objects.first().pk
        delayed = create_app(principal, telling_member(member, "Delayed", {"type": "manual"})).pk
    yearly_apps(owner, tenant, principal, SCHEDULES)
    processes.worker()
    print()
    _timed(owner, tenant, f"{SCHEDULES:,} schedules due in one minute", SCHEDULES, _FIRE, [tenant.pk])
    _timed(owner, tenant, f"{DELAYED:,} delayed runs due at once", DELAYED, _DELAYED, [DELAYED, delayed])


def _timed(owner: psycopg.Connection, tenant: Tenant, what: str, count: int, statement: str, values: list[Any]) -> None:
    before = _counts(owner, tenant)
    owner.execute(statement, values)
    began = time.perf_counter()
    until(lambda: _counts(owner, tenant)[0] >= before[0] + count, what, PATIENCE)
    took = time.perf_counter() - began
    assert [new - old for new, old in zip(_counts(owner, tenant), before, strict=True)] == [count, count]
    verdict = "goal reached" if took <= GOAL else "kept" if took <= MUST else "MISSED"
    print(f"{what}, to the end of the last run: {took:.1f} s (must {MUST} s, goal {GOAL} s): {verdict}")


def _counts(owner: psycopg.Connection, tenant: Tenant) -> list[int]:
    """How many runs have succeeded, and how many members were told."""
    return [owner.execute(query, [tenant.pk]).fetchone()[0] for query in (_ENDED, _TOLD)]
