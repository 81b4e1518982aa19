"""Promise 6: runs that kill their workers are dead after their attempts, and everybody else's go on."""

from __future__ import annotations

from apps_engine.services.apps import create_app
from apps_engine.services.runs import run_app
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, PATIENT, Workload
from tests.faults.world import World
from tests.waiting import until

# One fewer than pauses the app.
RUNS = 4
ATTEMPTS, SHORT_ATTEMPTS = 4, 2
_ENDS = "SELECT state, attempt, error::jsonb ->> 'code' FROM engine_execution WHERE app_id = %(app)s"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    attempts = SHORT_ATTEMPTS if short else ATTEMPTS
    workload = Workload(world, loops=False)
    home = workload.communities[0]
    settings = {"retry": {**PATIENT, "max_attempts": attempts}, "concurrency": {"mode": "parallel"}}
    kill = {"id": "kill", "act": "kill_worker", "params": {}}
    with tenant_scope(home.id):
        app = create_app(home.principal, definition([kill], name="Poison", settings=settings)).pk
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
    workload.tally(outcome)
    outcome.judge(world.history)
