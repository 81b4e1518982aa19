"""Instants as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_STEPS: tuple[tuple[timedelta, timedelta, str], ...] = (
    (timedelta(minutes=1), timedelta(seconds=1), "second"),
    (timedelta(hours=1), timedelta(minutes=1), "minute"),
    (timedelta(days=1), timedelta(hours=1), "hour"),
    (timedelta(days=14), timedelta(days=1), "day"),
    (timedelta(days=60), timedelta(weeks=1), "week"),
    (timedelta(days=730), timedelta(days=30), "month"),
    (timedelta.max, timedelta(days=365), "year"),
)
_NOW = timedelta(seconds=10)


def instant_of(value: datetime | str) -> datetime:
    """An aware instant from a datetime or from ISO 8601 text in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(value)


def short(then: datetime, zone: str) -> str:
    """Day and time in a zone, as a list of times says them: "Mon 23 Nov, 09:00"."""
    local = _local(then, zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def relative(then: datetime, now: datetime) -> str:
    """ "3 minutes ago", "in 2 hours", "just now"; page.js says the same while the page is open."""
    distance = abs(now - then)
    if distance < _NOW:
        return "just now"
    unit, name = next((unit, name) for limit, unit, name in _STEPS if distance < limit)
    count = int(distance / unit)
    words = f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{words} ago" if then < now else f"in {words}"


def exact(then: datetime, timezone: str) -> str:
    """ "Saturday 21 November 2026, 10:00:05 (Europe/Zurich)"."""
    local = _local(then, timezone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M:%S} ({local.tzinfo})"


def _local(then: datetime, zone: str) -> datetime:
    """In the zone; in UTC on the last and the first day that there are, which other zones may have in no year."""
    try:
        return then.astimezone(ZoneInfo(zone))
    except OverflowError:
        return then.astimezone(UTC)


def duration(seconds: float) -> str:
    """ "12 ms", "3.4 s", "2 min 5 s", "3 h 20 min", "4 days 2 h"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, rest = divmod(hours, 24)
    return f"{days} days {rest} h" if rest else f"{days} days"
