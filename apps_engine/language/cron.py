"""Cron schedules: five fields and an IANA time zone (TRG-01), right on the days the clocks change.

A schedule with fixed hours means wall times: one that the clocks skip fires once, right after the gap, and one that
repeats fires once. A schedule for every hour follows real time, so that it neither pauses nor doubles.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

MAX_CRON_LENGTH = 120
_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY = range(5)
_EVERY_HOUR = frozenset(range(24))


class CronError(ValueError):
    """The schedule or its time zone cannot be read; `code` is `bad_cron` or `bad_timezone`."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def check_cron(cron: str) -> None:
    """Raise CronError unless `cron` has five good fields and fires at all."""
    _normal(cron)
    if next(_simulate(cron, datetime(2024, 1, 1, tzinfo=UTC)), None) is None:
        raise CronError("bad_cron", f"The schedule {cron!r} never comes.", "No month has such a day; choose another.")


def check_timezone(name: str) -> None:
    """Raise CronError unless `name` is a time zone of the IANA database."""
    if name not in _timezones():
        raise CronError(
            "bad_timezone",
            f"There is no time zone {name[:60]!r}.",
            "Use a name such as Europe/Zurich or America/New_York.",
        )


@cache
def _timezones() -> frozenset[str]:
    # Reading the names walks the whole database on disk. Two of them are no place: this machine's own, and none.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def next_fires(cron: str, timezone: str, after: datetime, count: int) -> list[datetime]:
    """The next `count` instants (UTC) later than `after` at which the schedule fires; `after` must be aware.

    Raises CronError for a schedule or zone that cannot be read. Fewer come back if the schedule ends.
    """
    check_timezone(timezone)
    zone = UTC if timezone == "UTC" else ZoneInfo(timezone)
    # A repeated hour may hide one fire behind `after` and the first wall time may lie in a gap: start before both.
    start = after.astimezone(zone) - timedelta(hours=3)
    fires = (fire.astimezone(UTC) for fire in _simulate(cron, start.astimezone(zone)))
    return list(islice((fire for fire in fires if fire > after), count))


def _simulate(cron: str, start: datetime) -> CronSim:
    return CronSim(_normal(cron), start)


def _normal(cron: str) -> str:
    """The schedule in the spelling by which CronSim tells wall times from every-hour schedules.

    It takes a leading star in minutes or hours for "every", and then drops wall times that the clocks skip.
    """
    fields = cron.split()
    if len(fields) != 5 or len(cron) > MAX_CRON_LENGTH:
        raise CronError(
            "bad_cron",
            f"The schedule {cron[:60]!r} does not have five fields.",
            "Write minute, hour, day, month, weekday: 0 9 * * 1 is Monday at 09:00.",
        )
    try:
        parsed = CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise CronError(
            "bad_cron",
            f"The schedule {cron!r} cannot be read: {str(error).lower()}.",
            "Write minute (0-59), hour (0-23), day (1-31), month (1-12), weekday (0-7, 0 and 7 are Sunday).",
        ) from error
    if parsed.hours == _EVERY_HOUR:
        fields[_HOUR] = "*"
    else:
        fields[_MINUTE] = _listed(fields[_MINUTE], parsed.minutes)
        fields[_HOUR] = _listed(fields[_HOUR], parsed.hours)
    return " ".join(fields)


def _listed(field: str, values: set[int]) -> str:
    return ",".join(map(str, sorted(values))) if field.startswith("*") else field
