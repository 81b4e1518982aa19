"""Filters for the days, weeks and months around a date, and for how far away it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple

from apps_engine.language.errors import InvalidValue
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.filters.zones import ZONE, local, out_of_range, zone_of
from apps_engine.language.instants import format_instant, parse_instant
from apps_engine.language.kinds import Kind, excerpt

INSTANT, TEXT = Kind.INSTANT, Kind.TEXT

_DAY: Final = timedelta(days=1)
_NOT_YET: Final = timedelta(minutes=1)
_LENGTHS: Final = (
    ("year", timedelta(days=365)),
    ("month", timedelta(days=30)),
    ("day", _DAY),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


class Period(NamedTuple):
    """A stretch of the calendar: its first day around a day, and the first day of the next one."""

    first: Callable[[datetime], datetime]
    following: Callable[[datetime], datetime]


_PERIODS: Final[dict[str, Period]] = {
    "day": Period(lambda at: at, lambda first: first + _DAY),
    "week": Period(lambda at: at - at.weekday() * _DAY, lambda first: first + 7 * _DAY),
    "month": Period(
        lambda at: at.replace(day=1),
        lambda first: first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1),
    ),
    "year": Period(lambda at: at.replace(month=1, day=1), lambda first: first.replace(year=first.year + 1)),
}


def _relative_time(instant: str, now: datetime) -> str:
    distance = parse_instant(instant) - now
    name, length = next((one for one in _LENGTHS if abs(distance) >= one[1]), ("", _NOT_YET))
    if not name:
        return "just now"
    amount = abs(distance) // length
    phrase = f"{amount} {name}{'' if amount == 1 else 's'}"
    return f"in {phrase}" if distance > timedelta(0) else f"{phrase} ago"


def _to_timezone(instant: str, zone: tzinfo) -> str:
    """Offsets with seconds, as before standard time, are cut to minutes, since ISO 8601 has no others."""
    at = local(instant, zone)
    offset = (at.utcoffset() or timedelta(0)) // timedelta(minutes=1)
    return at.astimezone(timezone(timedelta(minutes=offset))).isoformat()


def _start_of(instant: str, period: Period, zone: tzinfo) -> str:
    return _written(lambda: _midnight(period.first(local(instant, zone))))


def _end_of(instant: str, period: Period, zone: tzinfo) -> str:
    """The last microsecond: the start of what follows less one, so that a day of 23 or 25 hours is right too."""
    following = _written(lambda: _midnight(period.following(period.first(local(instant, zone)))))
    return format_instant(parse_instant(following) - timedelta(microseconds=1))


def _midnight(day: datetime) -> datetime:
    """When the day begins: the first of two midnights; without one, right after the gap (PEP 495, fold 0)."""
    return day.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _written(make: Callable[[], datetime]) -> str:
    try:
        return format_instant(make().astimezone(UTC))
    except (OverflowError, ValueError) as error:
        raise out_of_range() from error


def _period(name: str) -> Period:
    period = _PERIODS.get(name)
    if period is None:
        raise InvalidValue("unknown_unit", f"'{excerpt(name)}' is no period.", f"Use {', '.join(_PERIODS)}.")
    return period


_AROUND: Final = (Argument("period", (TEXT,), parse=_period), ZONE)
_AT: Final = {"at": "2026-11-21T23:30:00Z", "now": "2026-11-24T09:00:00Z"}

FILTERS: Final = (
    Filter(
        "relative_time",
        "dates",
        (INSTANT,),
        (),
        TEXT,
        "How long ago it was or how long it is until then, in words.",
        ("{{ at | relative_time }}", _AT, "2 days ago"),
        _relative_time,
        clock=True,
    ),
    Filter(
        "to_timezone",
        "dates",
        (INSTANT,),
        (Argument("zone", (TEXT,), parse=zone_of),),
        INSTANT,
        "The same instant as a time zone writes it, with its offset.",
        ("{{ at | to_timezone: 'Europe/Zurich' }}", _AT, "2026-11-22T00:30:00+01:00"),
        _to_timezone,
    ),
    Filter(
        "start_of",
        "dates",
        (INSTANT,),
        _AROUND,
        INSTANT,
        "When the day, week (from Monday), month or year around a date began, in UTC or a time zone.",
        ("{{ at | start_of: 'week', 'Europe/Zurich' }}", _AT, "2026-11-15T23:00:00Z"),
        _start_of,
    ),
    Filter(
        "end_of",
        "dates",
        (INSTANT,),
        _AROUND,
        INSTANT,
        "The last microsecond of the day, week, month or year around a date, in UTC or a time zone.",
        ("{{ at | end_of: 'month' }}", _AT, "2026-11-30T23:59:59.999999Z"),
        _end_of,
    ),
)
