"""All promises about runs at once: the state machine takes whatever workers and people may do in random orders."""

from __future__ import annotations

from collections import Counter
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.home import Home
from tests.faults.machine import FAULTS, Runs
from tests.faults.outcome import Outcome
from tests.faults.world import World

EXAMPLES, SHORT_EXAMPLES = 150, 10
STEPS = 40


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    machine = machine_of(world)
    run_machine(machine, SHORT_EXAMPLES if short else EXAMPLES, STEPS)
    # Few examples come to few of them.
    for fault in machine.done if short else FAULTS:
        outcome.made(fault, machine.done[fault])
    outcome.accepted, outcome.finished = machine.counts["accepted"], machine.counts["finished"]
    # How long a run waits for another worker here is up to the machine: nothing to judge.
    outcome.broken += world.history.faults(retried=machine.done["retry"])


def machine_of(world: World) -> type[Runs]:
    """The state machine, working in a world."""
    numbers = count(1)
    found = lambda modes: Home(world, next(numbers), modes)  # noqa: E731
    return type("RunsHere", (Runs,), {"found": staticmethod(found), "done": Counter(), "counts": Counter()})


def run_machine(machine: type[Runs], examples: int, steps: int) -> None:
    """Raises what did not hold, with the moves that led there."""
    checks = list(HealthCheck)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=checks
        ),
    )
