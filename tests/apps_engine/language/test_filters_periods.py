"""Filters for the periods around a date and for how far away it is, over changes of the clock included."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.errors import LanguageError
from apps_engine.language.instants import format_instant, parse_instant
from apps_engine.language.templates import compile_template

pytestmark = pytest.mark.requirement("LNG-03")

NOW = "2026-11-21T09:30:00Z"
ZONES = [
    "UTC",
    "Europe/Zurich",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]


def render(expression, **scope):
    return compile_template(f"{{{{ {expression} }}}}")({"now": NOW, **scope})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("now | start_of: 'day'", "2026-11-21T00:00:00Z"),
        ("now | start_of: 'week'", "2026-11-16T00:00:00Z"),
        ("'2026-11-16' | start_of: 'week'", "2026-11-16T00:00:00Z"),
        ("now | start_of: 'month'", "2026-11-01T00:00:00Z"),
        ("now | start_of: 'year'", "2026-01-01T00:00:00Z"),
        ("now | end_of: 'day'", "2026-11-21T23:59:59.999999Z"),
        ("now | end_of: 'week'", "2026-11-22T23:59:59.999999Z"),
        ("'2024-02-10' | end_of: 'month'", "2024-02-29T23:59:59.999999Z"),
        ("'2026-12-10' | end_of: 'month'", "2026-12-31T23:59:59.999999Z"),
        ("now | end_of: 'year'", "2026-12-31T23:59:59.999999Z"),
        ("'2026-11-21T23:30:00Z' | start_of: 'day', 'Europe/Zurich'", "2026-11-21T23:00:00Z"),
        ("'2026-11-01T02:00:00Z' | start_of: 'month', 'America/New_York'", "2026-10-01T04:00:00Z"),
        # A day of 23 hours, one of 25, one that has no midnight, and one that the islands of Samoa left out.
        ("'2026-03-29T12:00:00Z' | end_of: 'day', 'Europe/Zurich'", "2026-03-29T21:59:59.999999Z"),
        ("'2026-10-25T12:00:00Z' | end_of: 'day', 'Europe/Zurich'", "2026-10-25T22:59:59.999999Z"),
        ("'2021-03-28T12:00:00Z' | start_of: 'day', 'Asia/Beirut'", "2021-03-27T22:00:00Z"),
        ("'2011-12-29T12:00:00Z' | start_of: 'day', 'Pacific/Apia'", "2011-12-29T10:00:00Z"),
    ],
)
def test_periods_begin_and_end_by_the_clocks_of_the_zone(expression, expected):
    assert render(expression) == expected


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-21T09:30:00Z", "just now"),
        ("2026-11-21T09:29:01Z", "just now"),
        ("2026-11-21T09:30:59Z", "just now"),
        ("2026-11-21T09:29:00Z", "1 minute ago"),
        ("2026-11-21T08:30:01Z", "59 minutes ago"),
        ("2026-11-21T08:30:00Z", "1 hour ago"),
        ("2026-11-20T09:30:00Z", "1 day ago"),
        ("2026-10-23T09:30:00Z", "29 days ago"),
        ("2026-10-22T09:30:00Z", "1 month ago"),
        ("2024-11-20T09:30:00Z", "2 years ago"),
        ("2026-11-21T12:31:00Z", "in 3 hours"),
        ("2027-11-22T09:30:00Z", "in 1 year"),
    ],
)
def test_a_distance_in_words(at, words):
    assert render("at | relative_time", at=at) == words


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("now | to_timezone: 'Europe/Zurich'", "2026-11-21T10:30:00+01:00"),
        ("now | to_timezone: 'UTC'", "2026-11-21T09:30:00+00:00"),
        ("now | to_timezone: 'America/St_Johns'", "2026-11-21T06:00:00-03:30"),
        ("'1850-01-01T00:00:00Z' | to_timezone: 'Europe/Zurich'", "1850-01-01T00:34:00+00:34"),
    ],
)
def test_an_instant_as_a_zone_writes_it(expression, expected):
    assert render(expression) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("now | start_of: 'decade'", "unknown_unit"),
        ("now | start_of: 'day', 'Mars/Olympus'", "unknown_time_zone"),
        ("'soon' | end_of: 'day'", "not_an_instant"),
        ("'9999-12-31' | end_of: 'day'", "date_out_of_range"),
        ("'9999-06-01' | end_of: 'year'", "date_out_of_range"),
        ("'0001-01-01' | start_of: 'week', 'America/New_York'", "date_out_of_range"),
        ("'0001-01-01' | to_timezone: 'America/New_York'", "date_out_of_range"),
        ("'soon' | relative_time", "not_an_instant"),
    ],
)
def test_what_makes_no_sense_is_an_error(expression, code):
    with pytest.raises(LanguageError) as caught:
        render(expression)
    assert caught.value.code == code


@given(
    at=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
    period=st.sampled_from(["day", "week", "month", "year"]),
)
def test_a_period_holds_its_instant_and_touches_the_next(at, zone, period):
    scope = {"at": format_instant(at), "zone": zone, "period": period}
    start = parse_instant(render("at | start_of: period, zone", **scope))
    end = parse_instant(render("at | end_of: period, zone", **scope))
    assert start <= at <= end
    following = format_instant(end + timedelta(microseconds=1))
    assert render("at | start_of: period, zone", **{**scope, "at": following}) == following
    first = start.astimezone(ZoneInfo(zone))
    assert period == "day" or first.day == 1 or (period == "week" and first.weekday() == 0)


@given(at=st.datetimes(datetime(1800, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), zone=st.sampled_from(ZONES))  # noqa: DTZ001
def test_the_same_instant_in_another_zone_is_the_same_instant(at, zone):
    written = render("at | to_timezone: zone", at=format_instant(at), zone=zone)
    assert parse_instant(written) == at
