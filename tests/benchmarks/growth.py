"""The hot path with 100 times the history stored, and with 10,000 apps that do nothing, against the same without."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from apps_engine.services.apps import create_app
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import EXECUTIONS, set_quota
from apps_engine.services.runs import list_runs
from apps_engine.store.claims import claim
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.benchmarks.backlog import event, telling
from tests.benchmarks.copies import yearly_apps
from tests.benchmarks.measure import medians, seconds
from tests.benchmarks.pages import history
from workers.sweep import sweep

ROOM = 1
RUNS = 1_000
TIMES = 100
IDLE = 10_000
ROUNDS = 25
MUST, GOAL = 1.5, 1.2
_CANCEL = "UPDATE engine_execution SET state = 'cancelled' WHERE id = ANY(%s) AND state = 'queued'"


Community = tuple[Tenant, Principal]


def growth(owner: psycopg.Connection, small: Community, large: Community, idle: Community) -> None:
    """What a community of 1,000 stored runs pays for its runs; one of 100,000; and that one beside 10,000 idle apps."""
    first, second = _app(*small), _app(*large)
    history(owner, small[0].pk, [first], RUNS)
    owner.execute("ANALYZE")
    before = _measured(owner, *small)
    history(owner, large[0].pk, [second], RUNS * TIMES)
    owner.execute("ANALYZE")
    after = _measured(owner, *large)
    yearly_apps(owner, *idle, IDLE)
    beside = _measured(owner, *large)
    _show(f"With {RUNS * TIMES:,} stored runs instead of {RUNS:,}", before, after)
    _show(f"Beside {IDLE:,} idle apps", after, beside)


def _app(tenant: Tenant, principal: Principal) -> int:
    with tenant_scope(tenant.pk):
        set_quota(principal, EXECUTIONS, 10 * RUNS * TIMES)
        return create_app(principal, telling(ROOM)).pk


def _measured(owner: psycopg.Connection, tenant: Tenant, principal: Principal) -> dict[str, float]:
    with tenant_scope(tenant.pk):
        author = Member.objects.first().pk
    return medians(
        {
            "ingest an event that starts a run": lambda: _ingested(owner, tenant, author),
            "claim and execute it": lambda: _executed(tenant, author),
            "the first page of runs": lambda: seconds(lambda: _first_page(tenant, principal)),
            "one sweep": lambda: seconds(sweep),
        },
        ROUNDS,
    )


def _ingested(owner: psycopg.Connection, tenant: Tenant, author: int) -> float:
    envelope, started = event(tenant, author, ROOM), []
    took = seconds(lambda: started.extend(ingest([envelope]).executions))
    # Left in the queue it would be the next sweep's, whose work would then be measured and not what history adds to it.
    owner.execute(_CANCEL, [started])
    return took


def _executed(tenant: Tenant, author: int) -> float:
    ids = ingest([event(tenant, author, ROOM)]).executions

    def work() -> None:
        (claimed,) = claim("bench", 1, ids)
        assert execute(claimed) == "succeeded"

    return seconds(work)


def _first_page(tenant: Tenant, principal: Principal) -> None:
    with tenant_scope(tenant.pk):
        assert len(list_runs(principal, None)) > 1


def _show(title: str, floor: Mapping[str, float], found: Mapping[str, float]) -> None:
    print(f"\n{title} (must {MUST:g} x, goal {GOAL:g} x)")
    for name, time_taken in found.items():
        ratio = time_taken / floor[name]
        verdict = "goal reached" if ratio <= GOAL else "kept" if ratio <= MUST else "MISSED"
        print(f"  {name:<40}{floor[name] * 1e6:>10,.0f} us {time_taken * 1e6:>10,.0f} us {ratio:>6.2f} x: {verdict}")
