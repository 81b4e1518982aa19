"""Promise 4: workers are frozen past their leases again and again; what they do when they wake is refused."""

from __future__ import annotations

import time

from tests.faults.chaos import Chaos
from tests.faults.history import p99
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import LEASE_SECONDS, World
from tests.waiting import until

FREEZES, SHORT_FREEZES = 12, 2


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world)
    world.sink.seconds = 0.1
    with world.fleet(workers=4) as fleet:
        until(fleet.ready, "the processes are up", 120)
        chaos = Chaos(world, fleet, outcome, seed=4)
        for _ in range(SHORT_FREEZES if short else FREEZES):
            workload.emit(BURST * 4)
            chaos.freeze()
            outcome.made("freeze")
            workload.emit(BURST * 4)
            time.sleep(LEASE_SECONDS / 2)
            chaos.recover()
        chaos.recover(all_of_it=True)
        workload.wait()
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes ended")
    workload.tally(outcome)
    outcome.recovery = p99(world.history.recoveries())
    outcome.broken += world.history.faults()
