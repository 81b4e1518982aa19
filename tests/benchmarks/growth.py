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
from tests.benchmarks.pages import history
from tests.scenarios.processes import Processes

RUNS = 1_000
TIMES = 100
IDLE = 10_000
MUST, GOAL = 1.5, 1.2

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
    print(f"\n{title} (must {MUST:g} x, goal {GOAL:g} x)")
    for name, time_taken in found.items():
        ratio = time_taken / floor[name]
        verdict = "goal reached" if ratio <= GOAL else "kept" if ratio <= MUST else "MISSED"
        print(f"  {name:<40}{floor[name] * 1e6:>12,.0f} us {time_taken * 1e6:>12,.0f} us {ratio:>6.2f} x: {verdict}")
