"""Promise 9: not one process can write a line of its log, and children die; the work goes on."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from tests.faults.fleet import Fleet
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import World
from tests.waiting import until

ROUNDS, SHORT_ROUNDS = 8, 1
LOST = "decommerce_log_writes_lost_total"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world)
    counts = world.folder / "counts"
    counts.mkdir()
    world.trace.touch()
    with world.fleet(workers=2, beats=1, disk_full=True, PROMETHEUS_MULTIPROC_DIR=str(counts)) as fleet:
        for _ in range(SHORT_ROUNDS if short else ROUNDS):
            workload.emit(BURST * 19)
            until(lambda: _kill_children(world, fleet), "a child is killed", 60)
            outcome.made("kill of a child")
            until(workload.is_over, "the work is done", 240)
        outcome.made("line lost", int(_lost(counts)))
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes did not outlive it")
    workload.tally(outcome)
    outcome.judge(world.history)


def _kill_children(world: World, fleet: Fleet) -> int:
    """Kill the children that were at work; how many there were.

    Where one dies before its worker is up, Celery takes that for a system that cannot start, and ends.
    """
    killed, seen = 0, {int(line.split()[0]) for line in world.trace.read_text().splitlines()}
    for child in {child for worker in fleet.of("worker") for child in worker.children()} & seen:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
            killed += 1
    return killed


def _lost(counts: Path) -> float:
    """How many lines the processes counted as lost."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(counts))
    return registry.get_sample_value(LOST) or 0.0
