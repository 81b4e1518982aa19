"""A definition as a picture: what starts it, and its steps in their order, with loops and ways around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps_engine.language.report.conditions import condition_words
from chat.icons import ICONS
from chat.placeholders import readable
from chat.step_titles import step_title

Step = Mapping[str, Any]

BOX_HEIGHT = 46
BOX_WIDTH = 360
ROW = 66
INDENT = 24
LONGEST = 42
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
    """One box of the picture with its place; `link` is the path of the arrow that leads to it, if one does."""

    kind: str
    icon: str
    title: str
    about: str
    x: int
    y: int
    width: int
    link: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The boxes from above to below; `left_out` counts what found no room."""

    boxes: Sequence[Box]
    width: int
    height: int
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
    shown = rows[:MOST_ROWS]
    boxes = [_box(row, index, shown) for index, row in enumerate(shown)]
    deepest = max(row.depth for row in shown)
    return Picture(boxes, BOX_WIDTH + deepest * INDENT, len(shown) * ROW - (ROW - BOX_HEIGHT), len(rows) - len(shown))


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


def _box(row: _Row, index: int, rows: Sequence[_Row]) -> Box:
    x, y = row.depth * INDENT, index * ROW
    return Box(
        row.kind,
        ICONS[_ICONS[row.kind]],
        _short(row.title),
        _short(row.about, LONGEST + 8),
        x,
        y,
        BOX_WIDTH,
        _link(index, rows),
    )


def _link(index: int, rows: Sequence[_Row]) -> str:
    """From the last box before on the same level, or from the one around it; a flow and a second start hang alone."""
    row = rows[index]
    before = next((back for back in range(index - 1, -1, -1) if rows[back].depth <= row.depth), None)
    if before is None or (row.kind in {"start", "flow"} and rows[before].kind not in {"start"}):
        return ""
    origin = rows[before]
    x = row.depth * INDENT + 22
    top, end = before * ROW + BOX_HEIGHT, index * ROW
    if origin.depth == row.depth:
        return f"M{x} {top}V{end}" if before == index - 1 else f"M{x - 14} {top}V{end}"
    start = origin.depth * INDENT + 22
    return f"M{start} {top}V{end - 10}H{x}V{end}"


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
