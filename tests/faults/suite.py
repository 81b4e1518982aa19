"""The tests by name, and running them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Protocol

from tests.faults.machine import Runs
from tests.faults.outcome import Outcome
from tests.faults.promises import (
    answer_lost,
    beats,
    boundaries,
    clock_jumps,
    database_lost,
    frozen,
    paused,
    poison,
    queue_lost,
    quotas,
    random_kills,
)
from tests.faults.workload import community
from tests.faults.world import World, world


class Test(Protocol):
    """Does its worst to a world, and notes what came of it."""

    def __call__(self, world: World, outcome: Outcome, *, short: bool) -> None: ...


# By name: the promises of docs/execution.md that it is about, and the test.
TESTS: Mapping[str, tuple[str, Test]] = {
    "queue-lost": ("1 5", queue_lost.run),
    "boundaries": ("2", boundaries.run),
    "answer-lost": ("3", answer_lost.run),
    "frozen": ("4 5", frozen.run),
    "poison": ("6 5", poison.run),
    "beats": ("7", beats.run),
    "quotas": ("8", quotas.run),
    "database-lost": ("9 5", database_lost.run),
    "paused": ("10", paused.run),
    "clock-jumps": ("1 2", clock_jumps.run),
    "random-kills": ("1 2 5 9", random_kills.run),
}


def machine_of(world: World) -> type[Runs]:
    """The state machine, working in a world."""
    numbers = count(1)
    ended = (
        "UPDATE engine_execution SET lease_until = now() - interval '1 second' WHERE id = %(id)s AND state = 'running'"
    )
    found = lambda: community(world, next(numbers), members=1)  # noqa: E731
    expire = lambda run: world.run(ended, {"id": run})  # noqa: E731
    return type("RunsHere", (Runs,), {"found": staticmethod(found), "expire": staticmethod(expire)})


def run_test(name: str, environment: Mapping[str, str], folder: Path, root: Path | None, *, short: bool) -> Outcome:
    """One test in a world of its own. What it raises is something that did not hold."""
    promise, test = TESTS[name]
    outcome = Outcome(name, promise)
    with world(name, environment, folder, root) as made:
        try:
            test(made, outcome, short=short)
        except AssertionError as error:
            outcome.broken.append(str(error))
        except Exception as error:  # noqa: BLE001 - it is told, and the others go on
            outcome.broken.append("".join(traceback.format_exception(error)).rstrip())
        if not outcome.kept:
            outcome.broken.append(f"what the processes said is in {made.folder}")
    return outcome


def run_all(names: list[str], run: Callable[[str], Outcome]) -> list[Outcome]:
    """Run them one after the other, telling of each as it ends."""
    outcomes = []
    for name in names:
        outcomes.append(run(name))
        print(outcomes[-1].line(), flush=True)
    return outcomes
