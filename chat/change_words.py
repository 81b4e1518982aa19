"""What differs between two definitions, as lines of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps_engine.language import jsontext
from apps_engine.language.changes import Change
from apps_engine.language.differences import ABSENT
from apps_engine.language.report.words import capitalised, field_words

LONGEST = 600


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change: where, what kind, and both sides as text; an absent side is empty."""

    where: str
    kind: str
    before: str
    after: str


def lines_of(found: Sequence[Change]) -> list[ChangeLine]:
    """The changes in words."""
    return [ChangeLine(_where(one), one.kind, _side(one.before), _side(one.after)) for one in found]


def _where(change: Change) -> str:
    return capitalised(" › ".join(map(field_words, change.place))) or "The definition"


def _side(value: Any) -> str:
    if value is ABSENT:
        return ""
    text = value if isinstance(value, str) else jsontext.dumps(value, indent=2)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
