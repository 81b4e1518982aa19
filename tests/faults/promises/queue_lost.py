"""Promise 1: 500 events, the queue emptied, killed and started again in the middle of them: 500 are finished."""

from __future__ import annotations

import os
import signal

from deploy.local.services import service_pids, start_services
from tests.faults.outcome import Outcome
from tests.faults.workload import Workload
from tests.faults.world import World
from tests.waiting import until

EVENTS, SHORT_EVENTS = 500, 60


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    events = SHORT_EVENTS if short else EVENTS
    workload = Workload(world, loops=False)
    with world.fleet(workers=2) as fleet:
        until(fleet.ready, "the processes are up", 120)
        workload.emit(events // 2)
        world.flush()
        outcome.made("flush")
        if world.root is not None:
            kill_service(world, "Valkey")
            outcome.made("kill of the queue")
        workload.emit(events - events // 2)
        if world.root is not None:
            start_services(world.root)
        world.flush()
        outcome.made("flush")
        # What the queue lost is published again after a minute, which nobody waits for here.
        world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
        workload.wait()
    workload.tally(outcome)
    outcome.judge(world.history)


def kill_service(world: World, name: str) -> None:
    """kill -9 a server of our own; returns when it is gone."""
    assert world.root is not None
    root, pid = world.root, service_pids(world.root)[name]
    assert pid is not None
    # PostgreSQL's own children end with it at once, as after a loss of power, where it is asked with SIGQUIT.
    os.kill(pid, signal.SIGQUIT if name == "PostgreSQL" else signal.SIGKILL)
    until(lambda: service_pids(root)[name] is None, f"{name} is gone")
