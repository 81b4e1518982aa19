"""Promise 8: of 200 at once at a limit of 100 exactly 100 run, and why the others did not is told."""

from __future__ import annotations

from apps_engine.services.quotas import EXECUTIONS, set_quota
from decommerce.tenancy.context import tenant_scope
from tests.faults.outcome import Outcome
from tests.faults.workload import Workload
from tests.faults.world import World
from tests.waiting import until

WANTED, ALLOWED = 200, 100
_RUNS = """
SELECT count(*), count(*) FILTER (WHERE state = 'succeeded') FROM engine_execution WHERE tenant_id = ANY(%(ids)s)
"""
_REFUSED = "SELECT COALESCE(sum(repeats), 0) FROM engine_decision WHERE tenant_id = ANY(%(ids)s) AND outcome = 'quota'"
_LEFT = "SELECT count(*) FROM community_outboxevent WHERE tenant_id = ANY(%(ids)s)"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=False, tenants=1)
    ids = {"ids": workload.tenant_ids}
    (home,) = workload.communities
    with tenant_scope(home.id):
        set_quota(home.principal, EXECUTIONS, ALLOWED)
    workload.emit(WANTED)
    with world.fleet(workers=2 if short else 4, consumers=1 if short else 3):
        until(lambda: world.read(_LEFT, ids) == [(0,)], "every event is taken in", 180)
        workload.wait()
    ((runs, succeeded),), ((refused,),) = world.read(_RUNS, ids), world.read(_REFUSED, ids)
    outcome.accepted, outcome.finished = ALLOWED, succeeded
    outcome.lost, outcome.repeated = max(0, ALLOWED - succeeded), max(0, runs - ALLOWED)
    outcome.made("event past the limit", WANTED - ALLOWED)
    outcome.require(refused == WANTED - ALLOWED, f"{refused} were told that the quota is used up")
    outcome.judge(world.history)
