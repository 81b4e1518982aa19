"""Promises 1, 2, 5 and 9: nothing lost and nothing repeated, whatever is killed, frozen or cut at whatever moment."""

from __future__ import annotations

import random
import time

from tests.faults.chaos import Chaos
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import World
from tests.waiting import until

FULL_SECONDS, SHORT_SECONDS = 300.0, 12.0
EVENTS_A_SECOND = 6


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=not short)
    seconds = SHORT_SECONDS if short else FULL_SECONDS
    seed = random.randrange(10**6)
    outcome.name += f" (seed {seed})"
    with world.fleet(workers=3 if short else 4) as fleet:
        until(fleet.ready, "the processes are up", 120)
        chaos = Chaos(world, fleet, outcome, seed)
        ends = time.monotonic() + seconds
        strikes_at = time.monotonic()
        while time.monotonic() < ends:
            if workload.has_room():
                workload.emit(BURST)
            chaos.recover()
            if time.monotonic() >= strikes_at:
                chaos.strike()
                strikes_at = time.monotonic() + random.uniform(0.3, 3.0)
            time.sleep(BURST / EVENTS_A_SECOND)
        chaos.recover(all_of_it=True)
        world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
        workload.wait()
        chaos.tell_of_wires()
    workload.tally(outcome)
    outcome.judge(world.history)
