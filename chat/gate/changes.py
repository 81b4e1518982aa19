"""What a new version would do otherwise, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from apps_engine.language.differences import ABSENT, differences
from apps_engine.language.report import report
from apps_engine.services.apps import current_version
from apps_engine.services.deprecations import stored_catalogue
from apps_engine.store.models import App

SHOWN = 8
LONGEST = 120
# What these say is on the card already, or nothing that the app does.
PASSED_OVER = frozenset({"/version", "/schema_version", "/tags"})


def changes_to(app: App, definition: Mapping[str, Any]) -> list[str]:
    """How the sentences of the app change, or else the places of the definition that do. Needs the tenant's scope."""
    catalogue = stored_catalogue()
    before = current_version(app).definition
    old, new = (list(report(one, catalogue).sentences()) for one in (before, definition))
    return [*_sentences(old, new)][:SHOWN] or [*_places(before, definition)][:SHOWN] or ["Nothing changes."]


def _sentences(old: list[str], new: list[str]) -> Iterator[str]:
    for kind, first, last, begin, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (f"No longer: {line}" for line in old[first:last])
            yield from (f"Now: {line}" for line in new[begin:end])


def _places(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for difference in differences(dict(old), dict(new)):
        if difference.path not in PASSED_OVER:
            yield f"{difference.path}: {_short(difference.before)} becomes {_short(difference.after)}"


def _short(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    text = f"“{value}”"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…”"
