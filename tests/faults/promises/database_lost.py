"""Promise 9: the database is killed and recovers, and COMMITs whose answers were lost are read again by key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.services import start_services
from tests.faults.fleet import Fleet
from tests.faults.outcome import Outcome
from tests.faults.promises.queue_lost import kill_service
from tests.faults.workload import BURST, Workload
from tests.faults.world import World
from tests.scenarios.proxy import COMMITTED
from tests.waiting import until

SWALLOWED, SHORT_SWALLOWED = 60, 6
BATCH = 3
KILLS = 5
POINT = "ingest.committed"
_TAKEN_IN = "SELECT 1 FROM engine_eventinbox WHERE event_id = %(event)s"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=False)
    with world.fleet(workers=2) as fleet:
        until(fleet.ready, "the processes are up", 120)
        wanted = SHORT_SWALLOWED if short else SWALLOWED
        for answers in range(BATCH, wanted + 1, BATCH):
            world.postgres.swallow(COMMITTED, BATCH)
            while world.postgres.swallowed < answers:
                workload.emit(BURST)
                time.sleep(0.3)
            # Else the same run, first in its line, would lose one answer after the other until its attempts are over.
            workload.wait()
        outcome.made("COMMIT without an answer", world.postgres.swallowed)
        if world.root is not None:
            _kill_behind_lone_events(world, fleet, workload, outcome)
            workload.emit(20)
            _kill(world)
            outcome.made("kill of the database")
            workload.emit(20)
        world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
        workload.wait()
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes did not outlive it")
    workload.tally(outcome)
    outcome.judge(world.history)


def _kill_behind_lone_events(world: World, fleet: Fleet, workload: Workload, outcome: Outcome) -> None:
    """Between the commit that takes an event in, which is not on the disk yet, and the one that ends its run."""
    lost = 0
    with _slow_to_the_disk(world):
        for _ in range(KILLS):
            while not workload.is_next_local():
                workload.emit()
            workload.wait()
            world.arm(POINT, "delay 1 1.0")
            event = workload.tell()
            until(lambda: POINT not in world.armed(), "the event is taken in")
            with fleet.resting("consumer"):
                _kill(world)
                lost += not world.read(_TAKEN_IN, {"event": f"event {event}"})
            outcome.made("kill of the database behind an event")
            until(lambda event=event: workload.has_run(event), f"event {event} is over", 60)
    outcome.require(lost > 0, "the database lost no commit: it was not killed where it matters")


@contextmanager
def _slow_to_the_disk(world: World) -> Iterator[None]:
    """What no commit waits for stays in the memory of the database for longer, so that it is really lost."""
    world.run("ALTER SYSTEM SET wal_writer_delay = '10s'")
    world.run("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        world.run("ALTER SYSTEM RESET wal_writer_delay")
        world.run("SELECT pg_reload_conf()")


def _kill(world: World) -> None:
    assert world.root is not None
    kill_service(world, "PostgreSQL")
    start_services(world.root)
