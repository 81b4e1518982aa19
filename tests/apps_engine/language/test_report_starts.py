"""When an app runs, in plain words (LNG-09)."""

import pytest

from apps_engine.language.report.schedules import schedule_words
from tests.apps_engine.language.told import acts

pytestmark = pytest.mark.requirement("LNG-09")


@pytest.mark.parametrize(
    ("trigger", "sentence"),
    [
        ({"type": "manual"}, "Runs when an admin starts it."),
        ({"type": "webhook", "endpoint": "orders"}, "Runs when another system calls the endpoint `orders`."),
        ({"type": "keyword", "phrases": ["go", "run"]}, "Runs when a member says “go”, “run”."),
        (
            {"type": "delayed", "event": "member.joined", "delays": ["1h", "3d"]},
            "Runs 1 hour and 3 days after someone joins.",
        ),
        ({"type": "event", "event": "other_app_done"}, "Runs each time another app sends `other_app_done`."),
        ({"type": "cron", "schedule": "*/5 * * * *"}, "Runs every 5 minutes, UTC."),
    ],
)
def test_every_kind_of_trigger_is_told(trigger, sentence):
    assert acts(trigger=trigger).starts == (sentence,)


@pytest.mark.requirement("TRG-04")
def test_a_sequence_is_told_with_its_flows_and_its_conditions():
    delays = [{"delay": "10s"}, {"delay": "7d", "flow": "gift", "when": "state.gifts == true"}]
    trigger = {"type": "delayed", "event": "member.joined", "delays": delays, "exit_when": "state.over == 1"}
    assert acts(trigger=trigger).starts == (
        "Runs `main` 10 seconds and `gift` 7 days (if by then the state's gifts is true) after someone joins, "
        "unless by then the state's over is 1.",
    )


def test_a_condition_that_is_no_question_is_said_as_it_is():
    trigger = {"type": "delayed", "event": "member.joined", "delays": [{"delay": "1h"}], "exit_when": False}
    assert acts(trigger=trigger).starts == ("Runs 1 hour after someone joins, unless by then false.",)


@pytest.mark.requirement("TRG-01")
@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 9 * * 1", "Every Monday at 09:00"),
        ("0 9 * * 1,4", "Every Monday and Thursday at 09:00"),
        ("30 7 * * 1-5", "Every weekday at 07:30"),
        ("0 9 * * 0,6", "Every weekend day at 09:00"),
        ("0 9 * * 7", "Every Sunday at 09:00"),
        ("0 9,17 * * *", "Every day at 09:00 and 17:00"),
        ("0 9 1 * *", "On day 1 of every month at 09:00"),
        ("0 0 1 1 *", "On day 1 of January at 00:00"),
        ("0 9 * 12 *", "Every day in December at 09:00"),
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "Every hour"),
        ("15,45 * * * *", "Every hour at 15 and 45 minutes past"),
        ("0 * * * 1", "Every hour, every Monday"),
        ("0 9 L * *", "At 09:00 on the last day of every month"),
        ("0 9 * * MON#1", "At 09:00 on the first Monday of the month"),
        ("*/7 * * * *", "Every seventh minute of every hour"),
    ],
)
def test_schedules_are_told_in_words(cron, words):
    assert schedule_words(cron, "Europe/Zurich") == f"{words}, Europe/Zurich"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"post.score": {"gte": 10}}, "its score is at least 10"),
        ({"author.role": "member"}, "the author's role is member"),
        ({"post.status": {"in": ["draft", "review"]}}, "its status is one of draft, review"),
        ({"post.room_id": {"exists": False}}, "its room id is not set"),
        ({"post.body_length": {"gt": 5}, "post.score": 1}, "its text is longer than 5 characters and its score is 1"),
        ({"or": [{"post.score": 1}, {"post.score": 2}]}, "its score is 1 or its score is 2"),
        (
            {"post.score": 0, "or": [{"post.score": 1}, {"post.score": 2}]},
            "its score is 0 and (its score is 1 or its score is 2)",
        ),
        ({"not": {"post.score": 1}}, "not (its score is 1)"),
        ({"post.title": {"contains": "sale"}}, "its title contains sale"),
        ({"post.title": ""}, "its title is empty"),
    ],
)
def test_filters_are_told_in_words(condition, words):
    trigger = {"type": "event", "event": "post.created", "filter": condition}
    (sentence,) = acts(trigger=trigger).starts
    assert sentence == f"Runs each time someone writes a post, when {words}."
