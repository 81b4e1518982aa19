"""Promise 9: every wire to a service is dropped, held, half-closed, cut, and made to lose answers."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.chaos import WIRES
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import LEASE_SECONDS, World
from tests.scenarios.proxy import COMMITTED, Wire
from tests.waiting import until

ROUNDS, SHORT_ROUNDS = 3, 1
HELD_SECONDS = 1.0
# What the other side says once it has done what it was asked for.
ANSWERS = {"postgres": COMMITTED, "valkey": b":", "outside": b"HTTP/1.0 200"}


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=False)
    world.sink.seconds = 0.2
    # As long as a service is away nobody has a run again.
    outcome.bounded = False
    with world.fleet(workers=2) as fleet:
        until(fleet.ready, "the processes are up", 120)
        for _ in range(SHORT_ROUNDS if short else ROUNDS):
            for name in WIRES:
                for act, strike in _acts(getattr(world, name), ANSWERS[name]).items():
                    outcome.made(f"{act} of {name}", _strike(world, workload, name, act, strike))
        world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
        workload.wait()
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes did not outlive it")
    workload.tally(outcome)
    outcome.judge(world.history)


def _acts(wire: Wire, answer: bytes) -> dict[str, Callable[[], object]]:
    return {
        "drop": wire.drop,
        "hold": lambda: wire.hold(HELD_SECONDS),
        "half close": lambda: wire.half_close(LEASE_SECONDS),
        "swallow": lambda: wire.swallow(answer, 1 - wire.waiting),
        "cut": wire.cut,
    }


def _strike(world: World, workload: Workload, name: str, act: str, strike: Callable[[], object]) -> int:
    """Strike until somebody feels it; how many connections or messages did."""
    wire: Wire = getattr(world, name)
    before = wire.bitten[act]

    def felt() -> int:
        if workload.has_room():
            workload.emit(BURST)
        strike()
        if act == "cut":
            workload.emit(BURST)
            wire.mend()
        return wire.bitten[act] - before

    return until(felt, f"{name} feels {act}", 120)
