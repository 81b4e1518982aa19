"""Moving the times of something old, so that automations that look at recent weeks find something there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """What came after `until` is not told; all times move by `shift`, and none falls behind `end`.

    The default tells everything, at its own time.
    """

    until: datetime | None = None
    shift: timedelta = timedelta()
    end: datetime | None = None

    def ending(self, end: datetime, newest: datetime | None) -> Timeline:
        """The same moved, so that what was `newest` falls on `end`; nothing moves where there is nothing to move."""
        return self if newest is None else replace(self, shift=end - newest, end=end)

    def knows(self, instant: datetime) -> bool:
        """Whether something of that time belongs to what is told."""
        return self.until is None or instant <= self.until

    def place(self, instant: datetime) -> datetime:
        """Where an instant falls; raises OverflowError for one that leaves the calendar."""
        moved = (instant if self.until is None else min(instant, self.until)) + self.shift
        return moved if self.end is None else min(moved, self.end)


AS_IT_WAS = Timeline()


def read_time(text: str) -> datetime:
    """`now`, or a date and time with a time zone in ISO 8601; raises ValueError."""
    if text == "now":
        return timezone.now()
    instant = parse_datetime(text)
    if instant is None or instant.tzinfo is None:
        raise ValueError("write `now`, or a date and time with its time zone: 2026-11-21T09:00:00Z")
    return instant
