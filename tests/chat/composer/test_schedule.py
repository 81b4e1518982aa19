"""Times in words become cron expressions."""

from __future__ import annotations

import pytest

from chat.composer.schedule import at_time, schedule_in, time_in


@pytest.mark.requirement("CHT-09")
@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("every Monday at 9", "0 9 * * 1"),
        ("each tuesday at 14:30", "30 14 * * 2"),
        ("on Fridays at 5pm", "0 17 * * 5"),
        ("every Monday and Thursday at 8:15", "15 8 * * 1,4"),
        ("every Saturday, Sunday at noon", "0 12 * * 0,6"),
        ("weekly on Wednesday", "0 9 * * 3"),
        ("every weekday at 7 am", "0 7 * * 1-5"),
        ("on weekends", "0 9 * * 0,6"),
        ("every day", "0 9 * * *"),
        ("daily at midnight", "0 0 * * *"),
        ("every evening", "0 18 * * *"),
        ("every morning at 6:45", "45 6 * * *"),
        ("once a week", "0 9 * * 1"),
        ("every month", "0 9 1 * *"),
        ("on the first of every month at 10", "0 10 1 * *"),
        ("on the 15th of each month", "0 9 15 * *"),
        ("every hour", "0 * * * *"),
        ("every 6 hours", "0 */6 * * *"),
        ("every 30 minutes", "*/30 * * * *"),
        ("every day at 12am", "0 0 * * *"),
        ("every day at 12 pm", "0 12 * * *"),
    ],
)
def test_it_reads_times_as_people_say_them(words, cron):
    assert schedule_in(words).cron == cron


@pytest.mark.parametrize(
    "words",
    [
        "",
        "someday",
        "at 9",
        "every post",
        "every day at 25:00",
        "on the 31st of every month",
        "every 90 minutes",
        "every 30 hours",
    ],
)
def test_it_reads_no_schedule_where_none_is_said(words):
    assert schedule_in(words) is None


def test_the_rest_of_the_sentence_is_left_alone():
    sentence = "every Monday at 9 award 100 XP to members"
    found = schedule_in(sentence)
    assert sentence[found.end :].strip() == "award 100 XP to members"


def test_another_time_keeps_the_days():
    assert at_time("0 9 * * 1,4", time_in("at 18:30")) == "30 18 * * 1,4"
