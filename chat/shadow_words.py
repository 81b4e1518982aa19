"""A draft and the live version side by side, in rows of a table (RUN-15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language.report.words import capitalised
from apps_engine.registry import registry
from apps_engine.services.shadow_turns import CUT_SHORT
from apps_engine.services.shadows import shadow_as_dict
from apps_engine.store.models import Shadow

Row = tuple[str, int, int]
STATES: Mapping[str, str] = {
    "succeeded": "Runs that went well",
    "failed": "Runs that failed",
    "skipped": "Runs whose condition did not hold",
    CUT_SHORT: "Runs too long to be tried to their end",
}


def shadow_in_words(shadow: Shadow) -> Mapping[str, Any]:
    """What the page of a comparison shows."""
    told = shadow_as_dict(shadow)
    return {"row": shadow, "rows": list(_rows(told)), "definition": shadow.definition}


def _rows(told: Mapping[str, Any]) -> Iterator[Row]:
    live, draft = told["live"], told["draft"]
    yield "Would have started", live["started"], draft["started"]
    for state, words in STATES.items():
        if live["states"].get(state) or draft["states"].get(state):
            yield words, live["states"].get(state, 0), draft["states"].get(state, 0)
    for code in sorted({*live["failures"], *draft["failures"]}):
        yield f"Failed with `{code}`", live["failures"].get(code, 0), draft["failures"].get(code, 0)
    for action in told["actions"]:
        known = registry.actions.get(action["action"])
        words = capitalised(known.sentence if known else action["action"])
        yield words, action["live"], action["draft"]
