"""The tests by name, and running them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from tests.faults.outcome import Outcome
from tests.faults.promises import (
    answer_lost,
    any_order,
    beats,
    boundaries,
    clock_jumps,
    database_lost,
    frozen,
    log_full,
    paused,
    poison,
    queue_full,
    queue_lost,
    quotas,
    random_kills,
    web_writes,
    wires,
)
from tests.faults.world import World, world


class Test(Protocol):
    """Does its worst to a world, and notes what came of it."""

    def __call__(self, world: World, outcome: Outcome, *, short: bool) -> None: ...


# By name: the promises of docs/execution.md that it is about, and the test.
TESTS: Mapping[str, tuple[str, Test]] = {
    "queue-lost": ("1 5", queue_lost.run),
    "queue-full": ("1 5", queue_full.run),
    "boundaries": ("2", boundaries.run),
    "answer-lost": ("3", answer_lost.run),
    "frozen": ("4 5", frozen.run),
    "poison": ("6 5", poison.run),
    "beats": ("7", beats.run),
    "quotas": ("8", quotas.run),
    "database-lost": ("9 5", database_lost.run),
    "paused": ("10", paused.run),
    "wires": ("9 5", wires.run),
    "web-writes": ("1 2 9", web_writes.run),
    "log-full": ("9 5", log_full.run),
    "clock-jumps": ("1 2", clock_jumps.run),
    "any-order": ("1 2 4 6 10", any_order.run),
    "random-kills": ("1 2 5 9", random_kills.run),
}


def run_test(name: str, environment: Mapping[str, str], folder: Path, root: Path | None, *, short: bool) -> Outcome:
    """One test in a world of its own. What it raises is something that did not hold."""
    promise, test = TESTS[name]
    # A short test runs beside others on whatever machine: how fast that one is proves nothing.
    outcome = Outcome(name, promise, bounded=not short)
    began = time.monotonic()
    with world(name, environment, folder, root) as made:
        try:
            test(made, outcome, short=short)
        except AssertionError as error:
            outcome.broken.append(str(error))
        except Exception as error:  # noqa: BLE001 - it is told, and the others go on
            outcome.broken.append("".join(traceback.format_exception(error)).rstrip())
        for fault, count in outcome.faults.items() or (("nothing", 0),):
            outcome.require(count > 0, f"{fault}: it never came to that, so nothing was shown")
        outcome.seconds = time.monotonic() - began
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
