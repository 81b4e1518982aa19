"""What each step of a definition is called, where people look at the app or at one of its runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps_engine.language.compile_steps import kind_of_step, step_keys
from apps_engine.language.durations import duration_words
from apps_engine.language.report.words import capitalised, field_words
from apps_engine.registry import registry

Step = Mapping[str, Any]

_WITHOUT_ROWS: Mapping[str, str] = {"calculate": "Work out a value", "build_url": "Make a link"}
_ITEMS = re.compile(r"\[[^\]]*\]")


def step_title(step: Step) -> str:
    """What a canonical step does, in a few words."""
    kind = kind_of_step(step)
    if kind == "fetch":
        spec = registry.catalogue.connectors.get(step["fetch"])
        return f"Read {spec.noun if spec else step['fetch']}"
    if kind == "act":
        action = registry.catalogue.actions.get(step["act"])
        return capitalised(action.sentence if action else str(step["act"]))
    if kind == "transform":
        name = str(step["transform"])
        return _WITHOUT_ROWS.get(name) or f"{capitalised(field_words(name))} the list"
    if kind == "each":
        return f"For each {field_words(step['as'])}"
    wait = step["pause"].get("for") if kind == "pause" else None
    if kind == "pause":
        return f"Wait {duration_words(wait)}" if isinstance(wait, str) else "Wait"
    return "Decide which way"


def titles_of(definition: Step) -> dict[str, str]:
    """The titles of all steps, by their paths in the journal without the items of loops: see `without_items`."""
    flows = definition["flows"].items()
    return {path: step_title(step) for name, flow in flows for path, step in _placed(flow["steps"], name)}


def without_items(path: str) -> str:
    """The path of the step, whichever items it was for: `main/all/mail` for `main/all[0:9]/mail`."""
    return _ITEMS.sub("", path)


def _placed(steps: Sequence[Step], prefix: str) -> Iterator[tuple[str, Step]]:
    for key, step in zip(step_keys(steps), steps, strict=True):
        path = f"{prefix}/{key}"
        yield path, step
        yield from _placed(step.get("steps", ()), path)
        for number, arm in enumerate(step.get("branch", ())):
            yield from _placed(arm["steps"], f"{path}.{number}")
