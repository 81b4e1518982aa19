"""A run's journal as people read it: what each step is, in words, with what it saw and did."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apps_engine.registry import registry
from apps_engine.services.waits import Wait, wait_of
from apps_engine.store.models import Execution, StepResult
from chat.relative_time import instant_of
from chat.step_titles import titles_of, without_items

MOST_STEPS = 200
DEEPEST = 3
_HELD = re.compile(r"(?P<outer>.+)(?:\[[^\]]*\]|\.\d+)(?:/[^/]+)?$")


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step. `title` says what it is, `said` what came of it; `inside` holds the steps of a loop or a branch."""

    row: StepResult
    title: str
    said: str
    seconds: float
    inside: list[StoryStep] = field(default_factory=list)

    @property
    def is_loop(self) -> bool:
        """Whether it went over items, whose steps are folded."""
        return self.row.kind == "each" and bool(self.inside)

    @property
    def failed(self) -> bool:
        """Whether it failed, or a step inside did."""
        return self.row.status == "failed" or any(step.failed for step in self.inside)


@dataclass(frozen=True, slots=True)
class Story:
    """The steps, the first `MOST_STEPS` of them; `left_out` counts the rest.

    `wait` is what it waits for where it is queued.
    """

    steps: tuple[StoryStep, ...]
    left_out: int
    seconds: float | None
    waited: float | None
    wait: Wait | None


def story_of(execution: Execution) -> Story:
    """The run so far. Its steps should be prefetched."""
    rows = list(outer_first(sorted(execution.steps.all(), key=lambda row: row.pk)))
    started, finished = execution.started_at, execution.finished_at
    return Story(
        steps=tuple(_nested(rows[:MOST_STEPS], titles_of(execution.version.definition))),
        left_out=max(0, len(rows) - MOST_STEPS),
        seconds=(finished - started).total_seconds() if started and finished else None,
        waited=(started - execution.created_at).total_seconds() if started else None,
        wait=wait_of(execution),
    )


def trigger_title(execution: Execution) -> str:
    """What started the run, in words."""
    event = execution.trigger.get("event") if isinstance(execution.trigger, dict) else None
    spec = registry.catalogue.events.get(event["type"]) if isinstance(event, dict) and "type" in event else None
    if spec is not None:
        return f"{spec.summary[:1].upper()}{spec.summary[1:]}"
    if execution.trigger_type == "scheduled" and "scheduled_for" not in (execution.trigger or {}):
        return STARTS["manual"]
    return STARTS.get(execution.trigger_type, "It was triggered")


def outer_first(rows: Sequence[StepResult]) -> Iterator[tuple[StepResult, int]]:
    """The rows with their depth. The journal notes a loop once it is over; people read it before what it held."""
    known = {row.path for row in rows}
    inside: dict[str, list[StepResult]] = {}
    for row in rows:
        inside.setdefault(_outer(row.path, known), []).append(row)
    waiting = [(row, 0) for row in reversed(inside.get("", []))]
    while waiting:
        row, depth = waiting.pop()
        yield row, depth
        waiting += [(held, depth + 1) for held in reversed(inside.get(row.path, []))]


def _outer(path: str, known: Collection[str]) -> str:
    """The path of the loop or branch around a step, if the journal knows it: `main/1` for `main/1[0:9]/mail`."""
    found = _HELD.match(path)
    return found["outer"] if found and found["outer"] in known else ""


def _nested(rows: Sequence[tuple[StepResult, int]], titles: Mapping[str, str]) -> list[StoryStep]:
    """The rows as steps that hold those that are deeper."""
    outermost: list[StoryStep] = []
    around = [(-1, outermost)]
    for row, depth in rows:
        while around[-1][0] >= min(depth, DEEPEST):
            around.pop()
        step = _step(row, titles)
        around[-1][1].append(step)
        around.append((min(depth, DEEPEST), step.inside))
    return outermost


def _step(row: StepResult, titles: Mapping[str, str]) -> StoryStep:
    title = titles.get(without_items(row.path), row.kind.capitalize())
    said = ENDINGS.get(row.status, "")
    told = said or OUTCOMES.get(row.kind, _nothing)(row)
    return StoryStep(row, title, told, row.duration_ms / 1000)


def _rows_read(row: StepResult) -> str:
    return _count(row.items, "row")


def _items_done(row: StepResult) -> str:
    return _count(row.items, "item")


def _act_done(row: StepResult) -> str:
    skipped = row.output.get("skipped") if isinstance(row.output, dict) else None
    if isinstance(skipped, str):
        return f"Left alone: {skipped.replace('_', ' ')}"
    if isinstance(skipped, int) and skipped:
        return f"{_count(row.items, 'time')}, {skipped} left alone"
    return _count(row.items, "time") if row.items != 1 else "Done"


def _waited(row: StepResult) -> str:
    until = row.output.get("until") if isinstance(row.output, dict) else None
    return f"Until {instant_of(until):%Y-%m-%d %H:%M} UTC" if until else "Done"


def _nothing(row: StepResult) -> str:
    return "Done"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


Words = Callable[[StepResult], str]

STARTS: Mapping[str, str] = {
    "manual": "Started by hand",
    "scheduled": "The scheduled time came",
    "event": "An event happened",
    "delayed": "A delay was over",
    "task": "The app had set itself a task",
    "webhook": "A webhook called",
}
OUTCOMES: Mapping[str, Words] = {
    "fetch": _rows_read,
    "transform": _items_done,
    "act": _act_done,
    "each": _items_done,
    "pause": _waited,
}
ENDINGS: Mapping[str, str] = {
    "skipped": "Not needed: its condition did not hold",
    "tolerated": "Failed; the app says to go on",
    "failed": "Failed",
}
