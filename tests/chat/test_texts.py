"""Small texts of the pages: times, durations, placeholders, reasons, the order of keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps_engine.services.replays import FailedReplay, Replay
from apps_engine.store.models import App, StepResult
from chat.decision_words import reason_in_words
from chat.key_order import in_reading_order
from chat.placeholders import readable
from chat.relative_time import duration, exact, relative
from chat.replay_words import replay_in_words
from chat.run_story import outer_first
from chat.text import storable, storable_json

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=59), "59 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=65), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
        (-timedelta(minutes=14, seconds=30), "in 14 minutes"),
    ],
)
def test_times_are_said_as_people_say_them(distance, words):
    assert relative(NOW - distance, NOW) == words


@pytest.mark.parametrize(
    ("way", "replay", "words", "tone"),
    [
        ("retry", Replay(1, 1, 0, False), "1 failed run is queued again.", "good"),
        ("retry", Replay(3, 2, 1, False), "one a second. 1 could not be: somebody else took them up", "warn"),
        (
            "again",
            Replay(3_412, 3_400, 12, False),
            "the last begins in 56 minutes. 12 could not be: they do not",
            "warn",
        ),
        ("retry", Replay(20_000, 20_000, 0, True), "in 5 hours. That is as many as one press takes; more", "warn"),
        ("retry", Replay(0, 0, 0, False), "0 failed runs are queued again.", "good"),
    ],
)
def test_what_became_of_the_failed_runs_is_said_with_numbers(way, replay, words, tone):
    notice = replay_in_words(FailedReplay(way, replay, NOW), App())
    assert words in notice.text
    assert notice.tone == tone


def test_a_press_that_goes_on_says_when_the_last_begins_behind_those_of_the_press_before():
    text = replay_in_words(FailedReplay("again", Replay(1_000, 1_000, 0, True), NOW, behind=7_000), App()).text
    assert "one a second: the last begins in 2 hours." in text
    refused = replay_in_words(FailedReplay("again", Replay(1, 0, 1, False), NOW, behind=7_000), App())
    assert refused.text.startswith("0 failed runs are queued again. 1 could not be")


def test_the_exact_time_is_in_the_tenants_zone():
    assert exact(NOW, "Europe/Zurich") == "Saturday 21 November 2026, 10:00:00 (Europe/Zurich)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "12 ms"),
        (3.44, "3.4 s"),
        (125, "2 min 5 s"),
        (180, "3 min"),
        (12_000, "3 h 20 min"),
        (7_200, "2 h"),
        (352_800, "4 days 2 h"),
        (172_800, "2 days"),
    ],
)
def test_durations_are_said_in_the_unit_that_fits(seconds, words):
    assert duration(seconds) == words


def test_placeholders_are_named_for_people():
    text = "Hi {{ member.display_name | default: 'there' }}, welcome to {{ tenant.name }}: {{ post.score }}."
    assert readable(text, "Acme") == "Hi ‹their name›, welcome to Acme: ‹score›."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ n | ternary: '{{ n }} posts': 'one post' }}!", "‹n›!"),
        ("So{{ (lines | length > 0) | ternary: ' {a}}: {{ lines }}': '' }}.", "So‹…›."),
        ("{{ loop.index + 1 | ordinal }} place", "‹…› place"),
        ("{{ post.title }} was cut {{ post.bo...", "‹the title› was cut {{ post.bo..."),
        ("No placeholder { } at all", "No placeholder { } at all"),
    ],
)
def test_what_is_worked_out_from_several_things_is_left_open(text, words):
    assert readable(text) == words


@pytest.mark.requirement("TRG-11")
def test_a_decision_names_the_clause_and_the_value_it_met():
    details = {"field": "post.body_length", "operator": "lt", "expected": 80, "actual": 120}
    assert reason_in_words("filtered", details) == "The app asks for post.body_length to be less than 80; it was 120."


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize(
    ("outcome", "details", "words"),
    [
        ("missed", {"count": 2}, "too old to catch up"),
        ("missed", {"count": 2, "reason": "The schedule was changed."}, "The schedule was changed."),
        ("invalid", {"code": "not_a_number"}, "did not have the shape"),
        ("invalid", {"code": "definition_outdated", "message": "It cannot run.", "hint": "Open it."}, "run. Open it."),
    ],
)
def test_a_decision_says_whose_fault_it_was(outcome, details, words):
    assert words in reason_in_words(outcome, details)


def test_a_definition_is_read_in_its_usual_order():
    stored = {
        "flows": {"main": {"steps": [{"params": {}, "act": "x", "id": "a"}]}},
        "name": "N",
        "triggers": [],
        "zz": 1,
    }
    ordered = in_reading_order(stored)
    assert list(ordered) == ["name", "triggers", "flows", "zz"]
    assert list(ordered["flows"]["main"]["steps"][0]) == ["id", "act", "params"]
    assert ordered == stored


@pytest.mark.parametrize(
    ("text", "kept"), [("a\x00b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("\U0001f6a9", "\U0001f6a9")]
)
def test_what_cannot_be_stored_is_replaced(text, kept):
    assert storable(text) == kept


def test_it_is_replaced_anywhere_inside_json():
    assert storable_json({"a\x00": ["b\x00", {"c": 1.5}]}) == {"a\ufffd": ["b\ufffd", {"c": 1.5}]}


@pytest.mark.requirement("RUN-08")
def test_a_loop_is_told_before_what_it_held():
    paths = ["main/posts", "main/1[0]/thank", "main/1[1]/2.0/mail", "main/1[1]/2", "main/1", "main/last"]
    told = outer_first([StepResult(path=path) for path in paths])
    assert [(row.path, depth) for row, depth in told] == [
        ("main/posts", 0),
        ("main/1", 0),
        ("main/1[0]/thank", 1),
        ("main/1[1]/2", 1),
        ("main/1[1]/2.0/mail", 2),
        ("main/last", 0),
    ]
