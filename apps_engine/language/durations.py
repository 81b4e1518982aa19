"""Durations as people write them: `30m`, `2h`, `7d`, `1w`, `7 days`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from apps_engine.language.bounds import DURATION_DAYS
from apps_engine.language.errors import InvalidValue
from apps_engine.language.kinds import excerpt

_SHAPE: Final = re.compile(r"([0-9]{1,9}) ?([a-z]{1,7})")
_UNITS: Final[dict[str, timedelta]] = {
    unit: length
    for units, length in (
        (("s", "second", "seconds"), timedelta(seconds=1)),
        (("m", "min", "minute", "minutes"), timedelta(minutes=1)),
        (("h", "hour", "hours"), timedelta(hours=1)),
        (("d", "day", "days"), timedelta(days=1)),
        (("w", "week", "weeks"), timedelta(weeks=1)),
    )
    for unit in units
}
_NAMES: Final = {_UNITS[name]: name for name in ("second", "minute", "hour", "day", "week")}


def parse_duration(text: str) -> timedelta:
    """The length of time; raises InvalidValue (`not_a_duration`) for anything else and for more than a century."""
    shape = _SHAPE.fullmatch(text)
    unit = _UNITS.get(shape[2]) if shape else None
    if shape is None or unit is None:
        raise InvalidValue("not_a_duration", f"'{excerpt(text)}' is no duration.", "Write 30m, 2h, 7d or 1w.")
    amount = int(shape[1])
    if amount * unit.total_seconds() > DURATION_DAYS * 86_400:
        raise InvalidValue("not_a_duration", f"'{text}' is longer than a century.", "Write a shorter duration.")
    return amount * unit


def duration_words(text: str) -> str:
    """A duration as people say it: `7d` is "7 days"; what is none stays as it is."""
    shape = _SHAPE.fullmatch(text)
    unit = _UNITS.get(shape[2]) if shape else None
    if shape is None or unit is None:
        return text
    amount, name = int(shape[1]), _NAMES[unit]
    return f"{amount} {name}" if amount == 1 else f"{amount} {name}s"
