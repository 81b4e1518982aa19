"""The hot path with 100 times the history stored, and with 10,000 apps that do nothing, against the same without."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from apps_engine.services.quotas import EXECUTIONS, set_quota
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.benchmarks.copies import yearly_apps
from tests.benchmarks.hot_path import Community, at_work, in_bulk, in_process
from tests.benchmarks.measure import judge
from tests.benchmarks.pages import history
from tests.scenarios.processes import Processes

RUNS = 1_000
TIMES = 100
IDLE = 10_000

Home = tuple[Tenant, Principal]


def growth(owner: psycopg.Connection, small: Home, large: Home, idle: Home, processes: Processes) -> None:
    """What a community of 1,000 stored runs pays for its runs; one of 100,000; and that one beside 10,000 idle apps."""
    before = _measured(owner, _community(owner, *small, RUNS), processes)
    grown = _community(owner, *large, RUNS * TIMES)
    after = _measured(owner, grown, processes)
    _show(f"With {RUNS * TIMES:,} stored runs instead of {RUNS:,}", before, after)
    without = in_process(owner, grown)
    yearly_apps(owner, *idle, IDLE)
    _show(f"Beside {IDLE:,} idle apps", without, in_process(owner, grown))


def _community(owner: psycopg.Connection, tenant: Tenant, principal: Principal, runs: int) -> Community:
    with tenant_scope(tenant.pk):
        set_quota(principal, EXECUTIONS, 10 * RUNS * TIMES)
    community = Community.of(tenant, principal)
    history(owner, tenant.pk, community.apps, runs)
    owner.execute("VACUUM (ANALYZE)")
    return community


def _measured(owner: psycopg.Connection, community: Community, processes: Processes) -> dict[str, float]:
    """Workers come last: they would take what is measured in this process."""
    return {**in_process(owner, community), **in_bulk(owner, community), **at_work(owner, community, processes)}


def _show(title: str, floor: Mapping[str, float], found: Mapping[str, float]) -> None:
    print()
    for name, took in found.items():
        what = f"{title}: {name}, {floor[name] * 1e6:,.0f} us then {took * 1e6:,.0f} us"
        judge(what, took / floor[name], must=1.5, goal=1.2, unit="x")
