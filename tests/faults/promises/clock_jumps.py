"""Clocks that jump: the database's forward and back in the middle of the work, and workers that are an hour off."""

from __future__ import annotations

from tests.faults.clock import faked_clock
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import World
from tests.waiting import until

JUMPS = (0, 600, 30, 90_000, 86_400)
SHORT_JUMPS = (0, 600, 30)
AHEAD, BEHIND = "3600", "-3600"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=False)
    with faked_clock(world) as clock, world.fleet(workers=1) as fleet:
        fleet.start("worker", 1, FAULTS_CLOCK_SECONDS=AHEAD)
        fleet.start("worker", 1, FAULTS_CLOCK_SECONDS=BEHIND)
        outcome.made("worker's clock off", 2)
        until(fleet.ready, "the processes are up", 120)
        for seconds in SHORT_JUMPS if short else JUMPS:
            clock.shift(seconds)
            outcome.made("jump")
            workload.emit(BURST * 8)
        # What waits for an hour that was taken back comes when it comes.
        clock.shift(max(JUMPS) + 7200)
        workload.wait()
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes did not outlive it")
    workload.tally(outcome)
    outcome.judge(world.history)
