"""A definition as a picture: what starts it, and its steps in their order, with loops and ways around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps_engine.language.report.conditions import condition_words
from chat.placeholders import readable
from chat.step_titles import step_title

Step = Mapping[str, Any]

MOST_ROWS = 60
_TITLES = ("subject", "title", "reason", "message", "name")
_KINDS = ("fetch", "transform", "act", "each", "branch", "pause")
_ICONS: Mapping[str, str] = {
    "fetch": "read",
    "transform": "limit",
    "act": "send",
    "each": "switch",
    "branch": "branch",
    "pause": "pause",
    "start": "clock",
    "arm": "forward",
    "flow": "apps",
}


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the picture; `inside` holds those of its loop, or of its ways."""

    kind: str
    icon: str
    title: str
    about: str
    inside: list[Box] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """The boxes from above to below; `left_out` counts what found no room."""

    boxes: Sequence[Box]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    title: str
    about: str
    depth: int


def picture_of(definition: Step, starts: Sequence[str]) -> Picture:
    """The picture of a valid definition; `starts` are the sentences of its triggers."""
    rows = list(_rows(definition, starts))
    boxes: list[Box] = []
    lists = [boxes]
    for row in rows[:MOST_ROWS]:
        box = Box(row.kind, _ICONS[row.kind], row.title, row.about)
        lists[row.depth].append(box)
        lists[row.depth + 1 :] = [box.inside]
    return Picture(boxes, max(0, len(rows) - MOST_ROWS))


def _rows(definition: Step, starts: Sequence[str]) -> Iterator[_Row]:
    flows = definition["flows"]
    for name, flow in flows.items():
        for trigger, sentence in zip(definition["triggers"], starts, strict=True):
            if name in _started(trigger):
                yield _Row("start", _drawn(sentence.removeprefix("Runs ").rstrip(".")), "", 0)
        if len(flows) > 1:
            yield _Row("flow", f"Flow “{name}”", "", 0)
        yield from _steps(flow["steps"], 0)


def _started(trigger: Step) -> set[str]:
    """The flows that a trigger starts."""
    return {*(entry["flow"] for entry in trigger.get("sequence", ())), trigger.get("flow", "")}


def _steps(steps: Sequence[Step], depth: int) -> Iterator[_Row]:
    for step in steps:
        kind = next(kind for kind in _KINDS if kind in step)
        about = _drawn(f"when {condition_words(step['when'])}") if isinstance(step.get("when"), str) else _about(step)
        yield _Row(kind, step_title(step), about, depth)
        yield from _steps(step.get("steps", ()), depth + 1)
        for arm in step.get("branch", ()):
            way = _drawn(f"If {condition_words(arm['when'])}") if isinstance(arm.get("when"), str) else "Otherwise"
            yield _Row("arm", way, "", depth + 1)
            yield from _steps(arm["steps"], depth + 2)


def _drawn(sentence: str) -> str:
    """The sentence without the backticks around code: a picture has one kind of letters."""
    return sentence.replace("`", "")


def _about(step: Step) -> str:
    params = step.get("params") or {}
    return next((f"“{readable(params[name])}”" for name in _TITLES if isinstance(params.get(name), str)), "")
