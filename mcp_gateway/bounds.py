"""Answers of a bounded size: what is too long for a model to read is cut, and the answer says what and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps_engine.language.jsontext import dumps
from apps_engine.language.pointers import join

MOST_BYTES = 100_000
MOST_TOLD = 20
# A definition that was cut could be sent back as if it were whole. It is bounded where it is stored.
WHOLE = frozenset({"definition"})
# The most characters of a text and the most members of a list, tried one after the other until the answer fits.
LEVELS = ((20_000, 1_000), (4_000, 200), (1_000, 50), (250, 20), (80, 8), (30, 3))
# Objects of the platform have fewer members than this; those that apps make may have any number.
LEAST_MEMBERS = 60


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut at a JSON Pointer of the answer: `kept` of `length` characters, items or members."""

    path: str
    what: str
    kept: int
    length: int


def bounded(answer: Mapping[str, Any], most: int = MOST_BYTES) -> dict[str, Any]:
    """The answer, or as much of it as fits; then its member `cut` lists what is missing."""
    if _size(answer) <= most:
        return dict(answer)
    shorter: dict[str, Any] = {}
    for characters, items in LEVELS:
        cuts: list[Cut] = []
        shorter = _object(answer, "", characters, items, cuts)
        shorter["cut"] = [asdict(cut) for cut in cuts[:MOST_TOLD]]
        if _size(shorter) <= most:
            break
    return shorter


def _size(value: Any) -> int:
    return len(dumps(value).encode())


def _shortened(value: Any, at: str, characters: int, items: int, cuts: list[Cut]) -> Any:
    if isinstance(value, str):
        return _text(value, at, characters, cuts)
    if isinstance(value, Mapping):
        return _object(value, at, characters, items, cuts)
    if isinstance(value, Sequence):
        if len(value) > items:
            cuts.append(Cut(at, "items", items, len(value)))
        kept = value[:items]
        return [_shortened(item, join(at, index), characters, items, cuts) for index, item in enumerate(kept)]
    return value


def _text(value: str, at: str, characters: int, cuts: list[Cut]) -> str:
    if len(value) <= characters:
        return value
    cuts.append(Cut(at, "characters", characters, len(value)))
    return value[:characters] + "…"


def _object(value: Mapping[str, Any], at: str, characters: int, items: int, cuts: list[Cut]) -> dict[str, Any]:
    most = max(items, LEAST_MEMBERS)
    if len(value) > most:
        cuts.append(Cut(at, "members", most, len(value)))
    return {
        key: inner if key in WHOLE else _shortened(inner, join(at, key), characters, items, cuts)
        for key, inner in list(value.items())[:most]
    }
