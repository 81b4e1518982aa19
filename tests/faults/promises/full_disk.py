"""A disk without room for what the processes say: they work on in silence."""

from __future__ import annotations

from pathlib import Path

from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import World

FULL = Path("/dev/full")


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=False)
    world.processes.output = FULL
    with world.fleet(workers=2, DECOMMERCE_LOG_LEVEL="DEBUG") as fleet:
        workload.emit(BURST * (8 if short else 40))
        outcome.made("process without room for its log", 3)
        workload.wait()
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes did not outlive it")
    workload.tally(outcome)
    outcome.broken += world.history.faults()
