"""Promise 1: 500 events while the queue has no room, is emptied, and has none again: 500 are finished."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

from redis.exceptions import OutOfMemoryError

from tests.faults.outcome import Outcome
from tests.faults.workload import Workload
from tests.faults.world import World
from tests.waiting import until

EVENTS, SHORT_EVENTS = 500, 60
ROOM_BYTES = 400_000


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    """Only for a queue of our own: nobody else's may be filled."""
    if world.root is None:
        raise RuntimeError("This fills a queue that others use.")
    events = SHORT_EVENTS if short else EVENTS
    workload = Workload(world, loops=False)
    with world.fleet(workers=2) as fleet:
        until(fleet.ready, "the processes are up", 120)
        workload.emit(events // 5)
        for _ in range(3):
            outcome.made("key until it was full", _fill(world))
            workload.emit(events // 5)
            outcome.made("flush")
            world.flush()
        refused = world.redis.info("errorstats").get("errorstat_OOM", {}).get("count", 0)
        outcome.made("refusal for want of room", int(refused))
        outcome.made("key until it was full", _fill(world))
        workload.emit(events // 5)
        world.redis.config_set("maxmemory", 0)
        # What the queue lost is published again after a minute, which nobody waits for here.
        world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
        workload.wait()
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes did not outlive it")
    workload.tally(outcome)
    outcome.judge(world.history)


def _fill(world: World) -> int:
    """Write until there is no room for another key; how many there was room for."""
    client = world.redis
    client.config_set("maxmemory", client.info("memory")["used_memory"] + ROOM_BYTES)
    numbers = count()
    with suppress(OutOfMemoryError):
        for number in numbers:
            client.set(f"fill:{number}", "x" * 1000)
    return next(numbers)
