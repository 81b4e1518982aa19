"""A loop by chunks does what the same loop does item by item, whatever fails, is left out or runs into a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps_engine.runtime.errors import StepError
from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, run_flow
from tests.apps_engine.runtime.test_run import looped, plan

pytestmark = [pytest.mark.requirement("ACT-03"), pytest.mark.requirement("RUN-04")]

# A condition that is asked after every item and never holds: such a loop goes item by item.
ONE_BY_ONE = {"until": "loop.number < 0"}
CONDITIONS = (None, "member.id % 2 == 0", "loop.first", "not loop.last", "loop.index >= 100", "member.id < 0")
TEXT = "{{ member.name }} {{ loop.number }}/{{ loop.length }} {{ loop.last }}"
MAIL = "send_email"
# The same ones each time, and as long as it takes.
SOME = settings(max_examples=40, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Story:
    """A loop, and which calls are refused, as (number of the step, number of the item)."""

    items: int
    steps: tuple[dict[str, Any], ...]
    refused: frozenset[tuple[int, int]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Around the ends of chunks, where it could go wrong; with e-mails enough to run into their limit."""
    items = draw(st.sampled_from([0, 1, 3, 99, 100, 101, 200, 230, 501]))
    steps = tuple(draw(_step(number)) for number in range(draw(st.integers(1, 3))))
    places = st.tuples(st.integers(0, len(steps) - 1), st.integers(0, max(items - 1, 0)))
    return Story(items, steps, frozenset(draw(st.lists(places, max_size=2))))


@st.composite
def _step(draw: st.DrawFn, number: int) -> dict[str, Any]:
    step: dict[str, Any] = {
        "id": f"s{number}",
        "act": draw(st.sampled_from(["tell", "flag", MAIL])),
        "params": {"step": number, "item": "{{ member.id }}", "text": TEXT},
        "on_error": draw(st.sampled_from(["fail", "continue"])),
    }
    if number:
        step["params"]["before"] = f"{{{{ s{number - 1}.item | default: 'left out' }}}}"
    condition = draw(st.sampled_from(CONDITIONS))
    return step if condition is None else {**step, "when": condition}


class Community(World):
    """A world whose actions answer with the item that they were done for."""

    def apply(self, action: str, calls: Any, meter: Any) -> list[dict[str, Any]]:
        super().apply(action, calls, meter)
        return [{"item": call.params["item"]} for call in calls]


@SOME
@given(stories())
def test_the_same_is_done_and_told_as_item_by_item(story):
    chunks, singly = _ran(story), _ran(story, **ONE_BY_ONE)
    assert chunks == singly


@SOME
@given(stories())
def test_a_later_attempt_does_the_rest_and_nothing_twice(story):
    if any(step["on_error"] == "continue" for step in story.steps):
        # What was tolerated is over.
        story = Story(story.items, tuple({**step, "on_error": "fail"} for step in story.steps), story.refused)
    chunks, singly = _ran(story, attempts=2), _ran(story, attempts=2, **ONE_BY_ONE)
    assert chunks == singly
    assert len(chunks["done"]) == len(set(chunks["done"]))


def _ran(story: Story, attempts: int = 1, **more: Any) -> dict[str, Any]:
    """What stays and what is told; from the second attempt on nothing is refused any more."""
    world = Community([{"id": number, "xp": 0, "name": f"m{number}"} for number in range(story.items)])
    journal, usage = Journal(), {}
    world.fail = lambda action, params: (
        StepError("No.", code="refused") if (params["step"], params["item"]) in story.refused else None
    )
    steps = plan(looped(*story.steps, **more))
    for _ in range(attempts):
        outcome = run_flow(steps, world, journal, usage)
        world.fail = lambda action, params: None
    return {
        "status": outcome.status,
        "error": outcome.error,
        "path": outcome.path,
        "usage": usage,
        "done": sorted((action, *map(str, params.values())) for action, params in world.done),
        "told": world.told[-1:] if outcome.status == "succeeded" else None,
        "result": [(entry.path, entry.output) for entry in journal.entries if entry.path == "main/loop"],
    }
