"""The tests by name, and running them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from tests.faults.outcome import Outcome
from tests.faults.promises import (
    answer_lost,
    beats,
    boundaries,
    clock_jumps,
    database_lost,
    frozen,
    full_disk,
    paused,
    poison,
    queue_lost,
    quotas,
    random_kills,
)
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
    "full-disk": ("1", full_disk.run),
    "random-kills": ("1 2 5 9", random_kills.run),
}


def run_test(name: str, environment: Mapping[str, str], folder: Path, root: Path | None, *, short: bool) -> Outcome:
    """One test in a world of its own. What it raises is something that did not hold."""
    promise, test = TESTS[name]
    outcome = Outcome(name, promise)
    with world(name, environment, folder, root) as made:
        try:
            test(made, outcome, short=short)
        except AssertionError as error:
            outcome.broken.append(str(error))
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
