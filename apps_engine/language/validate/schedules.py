"""How often schedules start an app in one day (TRG-07)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from cronsim import CronSim

from apps_engine.language.cron import CronError, check_cron
from apps_engine.language.pointers import join
from apps_engine.language.validate.review import Review

# As many days as the calendar of weekdays takes to repeat, a leap day among them, would be 28 years; four see each
# date, and each weekday of a month, at least once.
_DAYS = 4 * 366
# An app has fewer; what is wrong with so many is told already.
_MOST_READ = 10
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def check_daily_starts(review: Review) -> None:
    """Report schedules that would start the app more often in a day than its profile allows."""
    most = review.limit("scheduled_runs_per_day")
    read = islice(_schedules(review), _MOST_READ) if most is not None else ()
    schedules = [(CronSim(cron, _FIRST), at) for cron, at in read]
    if most is None or sum(_times(cron) for cron, _ in schedules) <= most:
        return
    crowded = [(cron, at) for cron, at in schedules if _times(cron) > most]
    for cron, at in crowded:
        message = f"It comes {_times(cron):,} times a day; an app starts at most {most} times a day by the clock."
        review.findings.add(at, "too_many_starts", message, "Choose fewer hours or minutes.")
    if not crowded and (together := _fullest_day([cron for cron, _ in schedules])) > most:
        message = f"Together they come {together} times on some days; the profile allows {most}."
        review.findings.add("/triggers", "too_many_starts", message, "Let them come on other days, or less often.")


def _schedules(review: Review) -> Iterator[tuple[str, str]]:
    for trigger, at in review.triggers():
        cron = trigger.get("cron")
        if trigger.get("type") != "scheduled" or not isinstance(cron, str):
            continue
        try:
            check_cron(cron)
        except CronError:
            continue
        yield cron, join(at, "cron")


def _times(cron: CronSim) -> int:
    return len(cron.hours) * len(cron.minutes)


def _fullest_day(schedules: list[CronSim]) -> int:
    days = [(_FIRST + timedelta(days=number)).date() for number in range(_DAYS)]
    return max(
        sum(_times(cron) for cron in schedules if cron.match_day(day) and day.month in cron.months) for day in days
    )
