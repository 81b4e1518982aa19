"""Promise 6: runs that kill their workers are dead after their attempts, and everybody else's go on.

So they do where a stored definition no longer compiles.
"""

from __future__ import annotations

from typing import Any

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, EVENT, PATIENT, Community, Workload
from tests.faults.world import World
from tests.waiting import until

# One fewer than pauses the app.
RUNS = 4
# What was stored once and no longer compiles: an app that listens to the others' events, and is to hold up none.
_ROT = """
SET session_replication_role = replica;
UPDATE engine_appversion SET definition = replace(definition::text, '"stamp"', '"long_gone"')::jsonb
WHERE app_id = {app}
"""
ATTEMPTS, SHORT_ATTEMPTS = 4, 2
_TOLD = "SELECT outcome, sum(repeats) FROM engine_decision WHERE app_id = %(app)s GROUP BY outcome"
_ENDS = "SELECT state, attempt, error::jsonb ->> 'code' FROM engine_execution WHERE app_id = %(app)s"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    attempts = SHORT_ATTEMPTS if short else ATTEMPTS
    workload = Workload(world, loops=False)
    home = workload.communities[0]
    settings = {"retry": {**PATIENT, "max_attempts": attempts}, "concurrency": {"mode": "parallel"}}
    kill = {"id": "kill", "act": "kill_worker", "params": {}}
    with tenant_scope(home.id):
        app = create_app(home.principal, definition([kill], name="Poison", settings=settings)).pk
        rotten = create_app(home.principal, _rotten(home)).pk
    world.run(_ROT.format(app=rotten))
    with world.fleet(workers=2, DECOMMERCE_LEASE_SECONDS="2") as fleet:
        until(fleet.ready, "the processes are up", 120)
        with tenant_scope(home.id):
            for _ in range(RUNS):
                run_app(home.principal, app)
        workload.emit(BURST * (8 if short else 40))
        workload.wait()
    outcome.made("kill from inside", RUNS * attempts)
    ends = set(world.read(_ENDS, {"app": app}))
    outcome.require(ends == {("dead", attempts, "worker_lost")}, f"poison runs ended as {ends}")
    told = dict(world.read(_TOLD, {"app": rotten}))
    outcome.made("event for an app that does not compile", sum(told.values()))
    outcome.require(set(told) == {"invalid"}, f"why the app that does not compile did not run is told as {told}")
    workload.tally(outcome)
    outcome.judge(world.history)


def _rotten(home: Community) -> dict[str, Any]:
    stamp = {"id": "a", "act": "stamp", "params": {"member_id": home.members[0], "text": "rotten"}}
    return definition([stamp], {"type": "event", "event": EVENT}, name="Rotten")
