"""Times in words, as cron expressions of five fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

DAYS: Mapping[str, int] = {
    "sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
}  # fmt: skip
_DAY = r"(?:sun|mon|tues|wednes|thurs|fri|satur)days?"
_DAYS = r"(?:sun|mon|tues|wednes|thurs|fri|satur)days"
_AT_A_TIME = r",?\s+(?:at\s+)?(?:\d{1,2}(?::|\s*[ap]m)|noon)"
_EVERY = r"(?:every|each|on)"
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_HALF = r"(?P<half{0}>a\.?m\.?|p\.?m\.?)"
# "at 6", "at 6:30 pm", "18:00", "5pm", "noon".
_TIME = re.compile(
    rf"\b(?:(?:at|around)\s+(?P<hour1>\d{{1,2}})(?::(?P<minute1>\d{{2}}))?\s*{_HALF.format(1)}?(?!\d|\s*(?:xp|%))"
    rf"|(?P<hour2>\d{{1,2}}):(?P<minute2>\d{{2}})\s*{_HALF.format(2)}?(?!\d)"
    rf"|(?P<hour3>\d{{1,2}})\s*{_HALF.format(3)}\b"
    r"|(?:(?:at|around)\s+)?(?P<named>noon|midnight)\b)",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"\b(?:evening|afternoon)\b", re.IGNORECASE)
NINE = (9, 0)
NOON = 12
NAMED: Mapping[str, tuple[int, int]] = {"noon": (12, 0), "midnight": (0, 0)}
PARTS_OF_DAY: Mapping[str, tuple[int, int]] = {"morning": NINE, "evening": (18, 0), "night": (22, 0), "noon": (12, 0)}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression and where in the sentence it was said."""

    cron: str
    start: int
    end: int


Clock = tuple[int, int]
Reader = Callable[[re.Match[str], Clock | None], str | None]


def schedule_in(sentence: str) -> Schedule | None:
    """The schedule that a sentence names, if it names one. A time alone is none."""
    time = _TIME.search(sentence)
    clock = time_in(sentence)
    if time and clock is None:
        return None
    for pattern, read in PATTERNS:
        found = pattern.search(sentence)
        if found is None:
            continue
        cron = read(found, clock)
        end = max(found.end(), time.end()) if time and time.start() >= found.start() else found.end()
        return Schedule(cron, found.start(), end) if cron else None
    return None


def time_in(sentence: str) -> Clock | None:
    """The time of day that a sentence names, as hour and minute."""
    time = _TIME.search(sentence)
    clock = _clock(time) if time else None
    if clock and clock[0] < NOON and _AFTERNOON.search(sentence):
        return clock[0] + NOON, clock[1]
    return clock


def at_time(cron: str, clock: Clock) -> str:
    """The same days at another time."""
    return " ".join([str(clock[1]), str(clock[0]), *cron.split()[2:]])


def _clock(time: re.Match[str]) -> Clock | None:
    said = {name.rstrip("123"): value for name, value in time.groupdict().items() if value}
    if "named" in said:
        return NAMED[said["named"].lower()]
    hour, minute = int(said["hour"]), int(said.get("minute", 0))
    half = said.get("half", "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24
    return (hour, minute) if hour < 24 and minute < 60 else None


def _weekdays(found: re.Match[str], clock: Clock | None) -> str:
    named = re.findall(_DAY, found[0].lower())
    days = sorted({DAYS[name.removesuffix("s") if name not in DAYS else name] for name in named})
    return _at(clock, f"* * {','.join(map(str, days))}")


def _weekly(found: re.Match[str], clock: Clock | None) -> str:
    return _at(clock, "* * 1")


def _working_days(found: re.Match[str], clock: Clock | None) -> str:
    return _at(clock, "* * 1-5")


def _weekends(found: re.Match[str], clock: Clock | None) -> str:
    return _at(clock, "* * 0,6")


def _daily(found: re.Match[str], clock: Clock | None) -> str:
    part = next((part for part in PARTS_OF_DAY if part in found[0].lower()), "")
    return _at(clock or PARTS_OF_DAY.get(part), "* * *")


def _monthly(found: re.Match[str], clock: Clock | None) -> str | None:
    day = int(found["day"]) if found.groupdict().get("day") else 1
    return _at(clock, f"{day} * *") if 1 <= day <= 28 else None


def _hours(found: re.Match[str], clock: Clock | None) -> str | None:
    every = int(found["every"] or 1)
    return ("0 * * * *" if every == 1 else f"0 */{every} * * *") if 1 <= every <= 23 else None


def _minutes(found: re.Match[str], clock: Clock | None) -> str | None:
    every = int(found["every"])
    return f"*/{every} * * * *" if 1 <= every <= 59 else None


def _at(clock: Clock | None, days: str) -> str:
    hour, minute = clock or NINE
    return f"{minute} {hour} {days}"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b{text}\b", re.IGNORECASE)


_NTH = r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)|first(?:\s+day)?)"

PATTERNS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_pattern(rf"{_EVERY}\s+{_DAY}(?:\s*(?:,|and|or|,\s*and)\s+{_DAY})*"), _weekdays),
    (_pattern(rf"weekly,?\s+(?:on\s+)?{_DAY}"), _weekdays),
    (_pattern(r"(?:every|each|on)\s+(?:weekdays?|working\s+days?|business\s+days?)"), _working_days),
    (_pattern(r"monday\s+to\s+friday"), _working_days),
    (_pattern(r"(?:every|each|on)\s+weekends?"), _weekends),
    (_pattern(rf"(?:{_DAYS}|{_DAY}(?={_AT_A_TIME}))"), _weekdays),
    (_pattern(rf"(?:on\s+the|every)\s+{_NTH}\s+of\s+(?:every|each|the|a)\s+month"), _monthly),
    (_pattern(r"(?:every\s+month|each\s+month|monthly|once\s+a\s+month)"), _monthly),
    (_pattern(r"(?:every\s+week|each\s+week|weekly|once\s+a\s+week)"), _weekly),
    (_pattern(r"(?:every|each)\s+(?:day|morning|evening|night|noon)"), _daily),
    (_pattern(r"(?:daily|nightly|once\s+a\s+day)"), _daily),
    (_pattern(r"every\s+(?P<every>\d{1,2})\s+minutes"), _minutes),
    (_pattern(r"(?:every\s+(?:(?P<every>\d{1,2})\s+)?hours?|hourly)"), _hours),
)
