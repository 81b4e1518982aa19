"""Time zones of the filters for dates: UTC unless one is named."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps_engine.language.errors import InvalidValue
from apps_engine.language.filters.record import Argument
from apps_engine.language.instants import parse_instant
from apps_engine.language.kinds import Kind, excerpt


def zone_of(name: str) -> tzinfo:
    """The IANA time zone; raises InvalidValue (`unknown_time_zone`)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue(
            "unknown_time_zone", f"There is no time zone '{excerpt(name)}'.", "Write a name such as Europe/Zurich."
        ) from error


def local(instant: str, zone: tzinfo) -> datetime:
    """An instant on the clocks of a zone; raises InvalidValue for a text that is none and beyond the calendar."""
    try:
        return parse_instant(instant).astimezone(zone)
    except OverflowError as error:
        raise out_of_range() from error


def out_of_range() -> InvalidValue:
    """The error for a date that the calendar does not have."""
    return InvalidValue("date_out_of_range", "The date lies outside the years 1 to 9999.", "Move it by less.")


ZONE: Final = Argument("zone", (Kind.TEXT,), "UTC", zone_of)
