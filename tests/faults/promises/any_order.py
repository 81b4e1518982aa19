"""All promises about runs at once: the state machine takes whatever workers and people may do in random orders."""

from __future__ import annotations

from collections import Counter
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Runs
from tests.faults.outcome import Outcome
from tests.faults.workload import community
from tests.faults.world import World

EXAMPLES, SHORT_EXAMPLES = 150, 10
STEPS = 40
_EXPIRE = """
UPDATE engine_execution SET lease_until = now() - interval '1 second' WHERE id = %(id)s AND state = 'running'
"""


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    machine = machine_of(world)
    run_machine(machine, SHORT_EXAMPLES if short else EXAMPLES, STEPS)
    for fault, times in machine.done.items():
        outcome.made(fault, times)
    outcome.accepted = outcome.finished = machine.made


def machine_of(world: World) -> type[Runs]:
    """The state machine, working in a world."""
    numbers = count(1)
    found = lambda: community(world, next(numbers), members=1)  # noqa: E731
    expire = lambda run: world.run(_EXPIRE, {"id": run})  # noqa: E731
    parts = {"found": staticmethod(found), "expire": staticmethod(expire), "done": Counter(), "made": 0}
    return type("RunsHere", (Runs,), parts)


def run_machine(machine: type[Runs], examples: int, steps: int) -> None:
    """Raises what did not hold, with the moves that led there."""
    checks = list(HealthCheck)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=checks
        ),
    )
