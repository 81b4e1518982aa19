"""Cron schedules in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cronsim import CronSim

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = [1, 2, 3, 4, 5]
_WEEKEND = [0, 6]
_EVERY_HOUR = set(range(24))
_MOST_TIMES = 6


def schedule_words(cron: str, timezone: str) -> str:
    """Such as "Every Monday at 09:00, Europe/Zurich". The schedule must be good; see `cron.check_cron`."""
    parsed = CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC))
    fields = cron.split()
    times = _times(parsed.minutes, parsed.hours, fields[0])
    days = _days(fields, parsed)
    if times is None or days is None:
        return f"{parsed.explain()}, {timezone}"
    if times.startswith("at "):
        return f"{days} {times}, {timezone}"
    return f"{times}{'' if days == 'Every day' else ', ' + days[:1].lower() + days[1:]}, {timezone}"


def _times(minutes: set[int], hours: set[int], field: str) -> str | None:
    if hours == _EVERY_HOUR:
        return _every_hour(minutes, field)
    times = [f"{hour:02d}:{minute:02d}" for hour in sorted(hours) for minute in sorted(minutes)]
    return f"at {joined(times)}" if len(times) <= _MOST_TIMES else None


def _every_hour(minutes: set[int], field: str) -> str | None:
    step = field.removeprefix("*/")
    if len(minutes) == 60:
        return "Every minute"
    if field.startswith("*/") and step.isdigit() and 60 % int(step) == 0:
        return f"Every {step} minutes"
    if len(minutes) > _MOST_TIMES:
        return None
    past = joined([str(minute) for minute in sorted(minutes)])
    return "Every hour" if minutes == {0} else f"Every hour at {past} minute{'' if minutes == {1} else 's'} past"


def _days(fields: Sequence[str], parsed: CronSim) -> str | None:
    """The days; None for what no short sentence says (nth weekdays, days of month together with weekdays)."""
    _, _, day, month, weekday = fields
    if weekday == "*":
        return _days_of_month(day, month, parsed)
    if day != "*" or month != "*" or not all(isinstance(item, int) for item in parsed.weekdays):
        return None
    days = sorted({int(str(item)) % 7 for item in parsed.weekdays})
    if days == _WEEKDAYS:
        return "Every weekday"
    return "Every weekend day" if days == _WEEKEND else f"Every {joined([_DAYS[item] for item in days])}"


def _days_of_month(day: str, month: str, parsed: CronSim) -> str | None:
    months = [_MONTHS[number - 1] for number in sorted(parsed.months)]
    if day == "*":
        return "Every day" if month == "*" else f"Every day in {joined(months)}"
    if min(parsed.days) < 0 or len(parsed.days) > _MOST_TIMES:
        return None
    days = joined([str(number) for number in sorted(parsed.days)])
    return f"On day {days} of every month" if month == "*" else f"On day {days} of {joined(months)}"


def joined(words: Sequence[str]) -> str:
    """Words as a list in a sentence: "Monday, Tuesday and Friday"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
