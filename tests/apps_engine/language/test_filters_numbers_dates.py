"""Filters for numbers and for dates and times."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.durations import parse_duration
from apps_engine.language.errors import InvalidValue, LanguageError
from apps_engine.language.instants import format_instant, instant_or_none, parse_instant
from apps_engine.language.templates import compile_template

NOW = "2026-11-21T09:30:00Z"


def render(expression, **scope):
    return compile_template(f"{{{{ {expression} }}}}")({"now": NOW, **scope})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2.5 | round", 3),
        ("-2.5 | round", -3),
        ("2.345 | round: 2", Decimal("2.35")),
        ("7 | round: 2", 7),
        ("12.5 | round: 3", Decimal("12.500")),
        ("1250 | round: -2", 1300),
        ("2.1 | ceil", 3),
        ("-2.1 | ceil", -2),
        ("-2.1 | floor", -3),
        ("7 | floor", 7),
        ("-7.50 | abs", Decimal("7.50")),
        ("1234567 | number", "1,234,567"),
        ("1234.5 | number", "1,234.5"),
        ("1234.5 | number: 0", "1,235"),
        ("7 | number: 2", "7.00"),
        ("-0.4 | number: 0", "0"),
        ("7 | clamp: 0, 5", 5),
        ("-7 | clamp: 0, 5", 0),
        ("2.50 | clamp: 0, 5", Decimal("2.50")),
        ("2 | clamp: 2, 2", 2),
        ("1 | ordinal", "1st"),
        ("2 | ordinal", "2nd"),
        ("3 | ordinal", "3rd"),
        ("4 | ordinal", "4th"),
        ("11 | ordinal", "11th"),
        ("12 | ordinal", "12th"),
        ("113 | ordinal", "113th"),
        ("121 | ordinal", "121st"),
        ("0 | ordinal", "0th"),
        ("2.0 | ordinal", "2nd"),
        ("0.125 | percent", "13%"),
        ("1 | percent: 1", "100.0%"),
        ("1234.5 | currency: 'EUR'", "€1,234.50"),
        ("-3 | currency: 'USD'", "-$3.00"),
        ("1234.5 | currency: 'CHF'", "CHF 1,234.50"),
        ("1234.5 | currency: 'JPY'", "¥1,235"),
        ("1.2345 | currency: 'KWD'", "KWD 1.235"),
    ],
)
def test_numbers(expression, expected):
    found = render(expression)
    assert found == expected
    assert str(found) == str(expected)
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%G-W%V", "2026-W47"),
        ("%Y-%m-%dT%H:%M:%SZ", "2026-11-21T09:05:07Z"),
        ("%-d.%-m.%y", "21.11.26"),
        ("%A, %B %e", "Saturday, November 21"),
        ("%a %b %j %u %w", "Sat Nov 325 6 6"),
        ("%I:%M %p / %l", "09:05 AM / 9"),
        ("%F %T %R", "2026-11-21 09:05:07 09:05"),
        ("%f %s", "250000 1795251907"),
        ("%z %Z", "+0000 UTC"),
        ("100%%", "100%"),
        ("", ""),
    ],
)
def test_dates_are_written_in_formats_of_strftime(form, written):
    assert render("at | date: form", at="2026-11-21T09:05:07.25Z", form=form) == written


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'2026-11-21' | date", "2026-11-21"),
        ("'2026-01-01T00:30:00+01:00' | date", "2025-12-31"),
        ("'2027-01-01' | date: '%G-W%V'", "2026-W53"),
        ("now | date: '%H:%M', 'America/New_York'", "04:30"),
        ("now | date: '%Z', 'Europe/Zurich'", "CET"),
        ("'2026-11-21T23:30:00Z' | weekday", "Saturday"),
        ("'2026-11-21T23:30:00Z' | weekday: 'Asia/Tokyo'", "Sunday"),
        ("'2026-11-21 10:30:00+01' | iso", "2026-11-21T09:30:00Z"),
        ("now | date_add: 3", "2026-11-24T09:30:00Z"),
        ("now | date_add: -3", "2026-11-18T09:30:00Z"),
        ("now | date_add: 2, 'weeks'", "2026-12-05T09:30:00Z"),
        ("now | date_add: 1, 'hour'", "2026-11-21T10:30:00Z"),
        ("now | date_add: '90m'", "2026-11-21T11:00:00Z"),
        ("now | date_sub: 1, 'years'", "2025-11-21T09:30:00Z"),
        ("'2026-01-31' | date_add: 1, 'months'", "2026-02-28T00:00:00Z"),
        ("'2024-02-29' | date_add: 1, 'years'", "2025-02-28T00:00:00Z"),
        ("'2026-03-31' | date_sub: 13, 'months'", "2025-02-28T00:00:00Z"),
        ("'2026-11-14T09:30:00Z' | days_since", 7),
        ("'2026-11-14T09:30:01Z' | days_since", 6),
        ("'2026-11-21T20:00:00Z' | days_since", 0),
        ("'2026-11-24' | days_until", 2),
        ("'2026-11-20T09:30:00Z' | days_until", -1),
    ],
)
def test_dates(expression, expected):
    assert render(expression) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("'yesterday' | date", "not_an_instant"),
        ("'2026-02-30' | date", "not_an_instant"),
        ("'2026-11-21T25:00:00Z' | date", "not_an_instant"),
        ("now | date: '%'", "bad_date_format"),
        ("now | date: '%5d'", "bad_date_format"),
        ("now | date: '%Y', '../../etc/passwd'", "unknown_time_zone"),
        ("now | date: '%Y', 'America'", "unknown_time_zone"),
        ("now | date_add: 1, 'fortnights'", "unknown_unit"),
        ("now | date_add: '1 fortnight'", "not_a_duration"),
        ("now | date_add: 1.5", "not_a_whole_number"),
        ("now | date_add: 99999999999", "date_out_of_range"),
        ("'9999-12-31' | date_add: 1", "date_out_of_range"),
        ("'9999-12-31' | date_add: 1, 'months'", "date_out_of_range"),
        ("'0001-01-01' | date_sub: 1, 'years'", "date_out_of_range"),
        ("'0001-01-01' | date: '%Y', 'America/New_York'", "date_out_of_range"),
        ("3 | currency: 'dollars'", "bad_currency"),
        ("3 | round: 41", "too_many_decimals"),
        ("3 | number: -1", "negative_count"),
        ("3.5 | round: 40", "too_many_digits"),
        ("3 | clamp: 2, 1", "bad_bounds"),
        ("3.5 | ordinal", "not_a_whole_number"),
        ("3 | pad_left: 4, ''", "empty_text"),
        ("[1] | chunk: 0", "negative_count"),
        ("[1] | chunk: 1.5", "not_a_whole_number"),
        ("[1] | zip: []", "different_lengths"),
    ],
)
def test_what_makes_no_sense_is_an_error(expression, code):
    with pytest.raises(LanguageError) as caught:
        render(expression)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-21", "2026-11-21T00:00:00Z"),
        ("2026-11-21T09:00", "2026-11-21T09:00:00Z"),
        ("2026-11-21T09:00:00", "2026-11-21T09:00:00Z"),
        ("2026-11-21t09:00:00z", "2026-11-21T09:00:00Z"),
        ("2026-11-21 09:00:00+0130", "2026-11-21T07:30:00Z"),
        ("2026-11-21T09:00:00.1Z", "2026-11-21T09:00:00.100000Z"),
        ("2026-11-21T09:00:00.123456789Z", "2026-11-21T09:00:00.123456Z"),
        ("2026-11-21T00:00:00-11:00", "2026-11-21T11:00:00Z"),
    ],
)
def test_instants_are_read_in_the_usual_forms_and_written_in_one(text, written):
    assert format_instant(parse_instant(text)) == written


@pytest.mark.parametrize(
    "text",
    ["", "2026", "20261121", "2026-W47-6", "2026-11-21T", "2026-11-21T9:00", "2026-11-21T09:00:60Z", "2026-13-01",
     "0000-01-01", "2026-11-21T09:00:00Z ", "2026-11-21T09:00:00Z\n", "9999-12-31T23:59:59-12:00", "２０２６-11-21",
     "2026-11-21T09:00:00+99:00"],
)  # fmt: skip
def test_everything_else_is_no_instant(text):
    assert instant_or_none(text) is None


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1)),  # noqa: DTZ001
    st.integers(-1_439, 1_439),
)
def test_an_instant_survives_being_written_and_read(moment, offset):
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert parse_instant(format_instant(aware)) == aware
    assert parse_instant(aware.isoformat()) == aware


def test_a_time_without_a_zone_is_not_written():
    with pytest.raises(ValueError, match="time zone"):
        format_instant(datetime(2026, 11, 21))  # noqa: DTZ001
    assert format_instant(datetime(2026, 11, 21, tzinfo=UTC)) == "2026-11-21T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("1w", timedelta(weeks=1)),
        ("7 days", timedelta(days=7)),
        ("0d", timedelta(0)),
    ],
)
def test_durations(text, length):
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "1.5h", "7D", "7 fortnights", "1w2d", "9999999999d"])
def test_everything_else_is_no_duration(text):
    with pytest.raises(InvalidValue, match="duration|century"):
        parse_duration(text)
