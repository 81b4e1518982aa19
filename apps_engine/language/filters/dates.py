"""Filters for dates and times. They take ISO 8601 text, count in UTC unless a zone is named, and read no clock: `now`
is the one of the scope."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from apps_engine.language.bounds import DURATION_DAYS
from apps_engine.language.durations import parse_duration
from apps_engine.language.errors import InvalidValue
from apps_engine.language.filters.arguments import whole
from apps_engine.language.filters.date_format import WEEKDAYS, DateFormat, parse_format, write_date
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.filters.zones import ZONE, local, out_of_range
from apps_engine.language.instants import format_instant, parse_instant
from apps_engine.language.kinds import Kind, excerpt

INSTANT, TEXT, NUMBER = Kind.INSTANT, Kind.TEXT, Kind.NUMBER

Move = Callable[[datetime, int], datetime]


def _date(instant: str, pieces: DateFormat, zone: tzinfo) -> str:
    return write_date(local(instant, zone), pieces)


def _weekday(instant: str, zone: tzinfo) -> str:
    return WEEKDAYS[local(instant, zone).weekday()]


def _iso(instant: str) -> str:
    return format_instant(parse_instant(instant))


def _date_add(instant: str, amount: int | timedelta, move: Move) -> str:
    return _moved(instant, amount, move, 1)


def _date_sub(instant: str, amount: int | timedelta, move: Move) -> str:
    return _moved(instant, amount, move, -1)


def _days_since(instant: str, now: datetime) -> int:
    return _whole_days(now - parse_instant(instant))


def _days_until(instant: str, now: datetime) -> int:
    return _whole_days(parse_instant(instant) - now)


def _whole_days(length: timedelta) -> int:
    """Full days of 24 hours, cut towards zero."""
    days = abs(length) // timedelta(days=1)
    return days if length >= timedelta(0) else -days


def _moved(instant: str, amount: int | timedelta, move: Move, sign: int) -> str:
    at = parse_instant(instant)
    try:
        moved = at + sign * amount if isinstance(amount, timedelta) else move(at, sign * amount)
    except (OverflowError, ValueError) as error:
        raise out_of_range() from error
    return format_instant(moved)


def _months(at: datetime, amount: int) -> datetime:
    """The same day some months on, or the last of a month that has no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 + amount, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def _amount(value: Any) -> int | timedelta:
    if isinstance(value, str):
        return parse_duration(value)
    if abs(value) > DURATION_DAYS * 86_400:
        raise InvalidValue("date_out_of_range", "A date moves by a century at most.", "Move it by less.")
    return whole(value)


def _by(unit: timedelta) -> Move:
    return lambda at, amount: at + amount * unit


_MOVES: Final[dict[str, Move]] = {
    "minutes": _by(timedelta(minutes=1)),
    "hours": _by(timedelta(hours=1)),
    "days": _by(timedelta(days=1)),
    "weeks": _by(timedelta(weeks=1)),
    "months": _months,
    "years": lambda at, amount: _months(at, 12 * amount),
}


def _unit(name: str) -> Move:
    move = _MOVES.get(name if name.endswith("s") else f"{name}s")
    if move is None:
        raise InvalidValue("unknown_unit", f"'{excerpt(name)}' is no unit of time.", f"Use {', '.join(_MOVES)}.")
    return move


_LENGTH: Final = (Argument("amount", (NUMBER, TEXT), parse=_amount), Argument("unit", (TEXT,), "days", _unit))
_AT: Final = {"at": "2026-11-21T09:00:00Z", "now": "2026-11-28T21:00:00Z"}

FILTERS: Final = (
    Filter(
        "date",
        "dates",
        (INSTANT,),
        (Argument("format", (TEXT,), "%Y-%m-%d", parse_format), ZONE),
        TEXT,
        "A date in a format of strftime, in UTC or a time zone.",
        ("{{ at | date: '%-d %B %Y, %H:%M', 'Europe/Zurich' }}", _AT, "21 November 2026, 10:00"),
        _date,
    ),
    Filter(
        "date_add",
        "dates",
        (INSTANT,),
        _LENGTH,
        INSTANT,
        "A date later by days, another unit, or a duration such as '2h'.",
        ("{{ at | date_add: 1, 'months' }}", _AT, "2026-12-21T09:00:00Z"),
        _date_add,
    ),
    Filter(
        "date_sub",
        "dates",
        (INSTANT,),
        _LENGTH,
        INSTANT,
        "A date earlier by days, another unit, or a duration such as '2h'.",
        ("{{ at | date_sub: '36h' }}", _AT, "2026-11-19T21:00:00Z"),
        _date_sub,
    ),
    Filter(
        "days_since",
        "dates",
        (INSTANT,),
        (),
        NUMBER,
        "Full days from then to now, below zero for the future.",
        ("{{ at | days_since }}", _AT, 7),
        _days_since,
        clock=True,
    ),
    Filter(
        "days_until",
        "dates",
        (INSTANT,),
        (),
        NUMBER,
        "Full days from now to then, below zero for the past.",
        ("{{ at | days_until }}", _AT, -7),
        _days_until,
        clock=True,
    ),
    Filter(
        "iso",
        "dates",
        (INSTANT,),
        (),
        INSTANT,
        "The date and time as ISO 8601 in UTC.",
        ("{{ at | iso }}", {"at": "2026-11-21T10:00:00+01:00"}, "2026-11-21T09:00:00Z"),
        _iso,
    ),
    Filter(
        "weekday",
        "dates",
        (INSTANT,),
        (ZONE,),
        TEXT,
        "The day of the week.",
        ("{{ at | weekday }}", _AT, "Saturday"),
        _weekday,
    ),
)
