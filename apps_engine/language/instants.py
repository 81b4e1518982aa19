"""Instants: ISO 8601 text in UTC in every scope, `datetime` only inside the language.

Written form: `2026-11-21T09:00:00Z`, with microseconds only where they are not zero. Read are also dates (midnight
UTC), times without an offset (UTC) and any offset; digits beyond the microsecond are cut off.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from apps_engine.language.errors import InvalidValue
from apps_engine.language.kinds import excerpt

_SHAPE: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,9})?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
# Length and every third character of 2026-11-21T09:00:00Z and 2026-11-21T09:00:00+01:00; what is between them are
# digits, which `datetime.fromisoformat` sees to.
_WRITTEN_OUT: Final = frozenset({(20, "--T::Z"), (25, "--T::+:"), (25, "--T::-:")})
_LONGEST: Final = 35


def parse_instant(text: str) -> datetime:
    """The instant in UTC; raises InvalidValue (`not_an_instant`)."""
    instant = instant_or_none(text)
    if instant is None:
        raise InvalidValue(
            "not_an_instant",
            f"'{excerpt(text)}' is no date or time.",
            "Write it as 2026-11-21 or 2026-11-21T09:00:00Z.",
        )
    return instant


def instant_or_none(text: str) -> datetime | None:
    """The instant in UTC, or None when the text is none. Cheap for ordinary texts and for those written out."""
    if not 10 <= len(text) <= _LONGEST or text[4] != "-":
        return None
    written: str | None = text
    if (len(text), text[4:23:3]) not in _WRITTEN_OUT:
        shape = _SHAPE.fullmatch(text)
        written = None if shape is None else _completed(*shape.groups())
    try:
        return None if written is None else datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _completed(day: str, clock: str | None, seconds: str | None, fraction: str | None, offset: str | None) -> str:
    """What `datetime.fromisoformat` reads in any version of Python."""
    return f"{day}T{clock or '00:00'}{seconds or ':00'}{(fraction or '.0'):0<7.7}{offset or 'Z'}".upper()


def format_instant(instant: datetime) -> str:
    """The written form of an aware datetime; raises ValueError for one without a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
