"""Schedules on ordinary days and on the days the clocks change (TRG-01)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps_engine.language.cron import CronError, check_cron, check_timezone, next_fires

pytestmark = pytest.mark.requirement("TRG-01")

ZURICH = "Europe/Zurich"
NEW_YORK = "America/New_York"


def fires(cron: str, zone: str, after: str, count: int) -> list[str]:
    start = datetime.fromisoformat(after)
    start = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(zone))
    return [f"{fire.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %z}" for fire in next_fires(cron, zone, start, count)]


def test_a_weekly_schedule_keeps_its_wall_time_over_the_change():
    assert fires("0 9 * * 1", ZURICH, "2026-03-20", 3) == [
        "2026-03-23 09:00 +0100",
        "2026-03-30 09:00 +0200",
        "2026-04-06 09:00 +0200",
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (ZURICH, "2026-03-29", ["2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200"]),
        (NEW_YORK, "2026-03-08", ["2026-03-08 03:00 -0400", "2026-03-09 02:30 -0400"]),
    ],
)
def test_a_skipped_wall_time_fires_once_right_after_the_gap(zone, day, expected):
    assert fires("30 2 * * *", zone, day, 2) == expected


@pytest.mark.parametrize("cron", ["15,45 2 * * *", "*/15 2 * * *", "0,30 2 * * *", "* 2 * * *"])
def test_several_skipped_wall_times_fire_once_together(cron):
    first, second = fires(cron, ZURICH, "2026-03-29", 2)
    assert first == "2026-03-29 03:00 +0200"
    assert second.startswith("2026-03-30 02:")


def test_a_skipped_and_a_real_time_at_the_end_of_the_gap_are_one_fire():
    assert fires("0 2,3 * * *", ZURICH, "2026-03-29", 2) == ["2026-03-29 03:00 +0200", "2026-03-30 02:00 +0200"]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (ZURICH, "2026-10-25", ["2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"]),
        (NEW_YORK, "2026-11-01", ["2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"]),
    ],
)
def test_a_repeated_wall_time_fires_once(zone, day, expected):
    cron = "30 2 * * *" if zone == ZURICH else "30 1 * * *"
    assert fires(cron, zone, day, 2) == expected


def test_a_repeated_wall_time_does_not_fire_again_when_asked_in_between():
    between = "2026-10-25T01:15:00+00:00"  # 02:15 for the second time in Zurich
    assert fires("30 2 * * *", ZURICH, between, 1) == ["2026-10-26 02:30 +0100"]


def test_every_second_hour_keeps_its_wall_times_over_both_changes():
    assert fires("0 */2 * * *", ZURICH, "2026-03-29 00:30", 2) == ["2026-03-29 03:00 +0200", "2026-03-29 04:00 +0200"]
    assert fires("0 */2 * * *", ZURICH, "2026-10-25 00:30", 2) == ["2026-10-25 02:00 +0200", "2026-10-25 04:00 +0100"]


@pytest.mark.parametrize("cron", ["*/30 * * * *", "0,30 * * * *", "0,30 */1 * * *"])
def test_an_hourly_schedule_follows_real_time_through_the_repeated_hour(cron):
    assert fires(cron, ZURICH, "2026-10-25 01:45", 5) == [
        "2026-10-25 02:00 +0200",
        "2026-10-25 02:30 +0200",
        "2026-10-25 02:00 +0100",
        "2026-10-25 02:30 +0100",
        "2026-10-25 03:00 +0100",
    ]


@pytest.mark.parametrize("zone", [ZURICH, NEW_YORK])
@pytest.mark.parametrize("cron", ["30 2 * * *", "*/7 1-3 * * *", "0 * * * *", "15 */3 * * 0", "59 23 L * *"])
def test_asking_step_by_step_gives_the_same_fires_as_asking_at_once(zone, cron):
    start = datetime(2026, 3, 7, tzinfo=UTC)
    at_once = next_fires(cron, zone, start, 40)
    stepwise, after = [], start
    for _ in range(40):
        (after,) = next_fires(cron, zone, after, 1)
        stepwise.append(after)
    assert stepwise == at_once
    assert len(set(at_once)) == 40


def test_fires_are_later_than_the_given_instant_and_in_utc():
    (fire,) = next_fires("0 9 * * *", ZURICH, datetime(2026, 6, 1, 7, 0, tzinfo=UTC), 1)
    assert fire == datetime(2026, 6, 2, 7, 0, tzinfo=UTC)
    assert fire.tzinfo is UTC


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 9 * * 8",
        "@daily",
        "*/0 * * * *",
        "0 9 31 2 *",
        "² * * * *",
        "9" * 5000 + " * * * *",
        "a b c d e",
        "0 9 * * MON-",
    ],
)
def test_it_refuses_what_is_no_schedule_of_five_fields(cron):
    with pytest.raises(CronError) as refusal:
        check_cron(cron)
    assert refusal.value.code == "bad_cron"
    assert refusal.value.hint


@pytest.mark.parametrize("cron", ["0 9 * * 1", "*/5 * * * *", "0 9 L * *", "0 9 * * MON#1", "0 0 29 2 *"])
def test_it_accepts_a_schedule_of_five_fields(cron):
    check_cron(cron)


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "europe/zurich", "../../etc/passwd", "Europe", "\x00", "localtime", "Factory"]
)
def test_it_refuses_what_is_no_time_zone(name):
    with pytest.raises(CronError) as refusal:
        check_timezone(name)
    assert refusal.value.code == "bad_timezone"
