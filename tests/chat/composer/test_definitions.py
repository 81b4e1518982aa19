"""Typical sentences become definitions that the language accepts without a fault."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.language.problems import Severity
from apps_engine.services.definitions import check_definition
from chat.composer.definition import define
from chat.composer.draft import Draft
from chat.composer.ground import Ground, Room
from chat.composer.questions import open_question
from chat.composer.reading import is_request, read
from tests.chat.composer.sentences import SENTENCES, Sentence

GROUND = Ground("Acme", "Europe/Zurich", (Room(3, "General"), Room(4, "Gear")), ())


def settle(sentence: Sentence) -> tuple[Draft, list[str]]:
    """The draft with every question answered, and the questions."""
    draft, asked = read(sentence.text, GROUND.rooms), []
    while question := open_question(draft):
        replies = question.replies(draft, GROUND)
        answer = sentence.answers.get(question.key) or replies[0]
        settled = question.answer(draft, answer, GROUND)
        assert settled is not None, f"{question.key} does not understand its own reply {answer!r}"
        draft = settled.changed(asked=(*draft.asked, question.key))
        asked.append(question.key)
    return draft, asked


def acts(steps: list[dict[str, Any]]) -> list[str]:
    """The actions of a flow in order, those of loops included."""
    return [name for step in steps for name in ([step["act"]] if "act" in step else acts(step.get("steps", [])))]


@pytest.mark.requirement("CHT-09")
@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.text)
def test_a_typical_sentence_becomes_a_valid_definition(sentence):
    draft, asked = settle(sentence)
    definition = define(draft, GROUND.timezone)
    problems = check_definition(definition).problems

    assert [problem for problem in problems if problem.severity is not Severity.SUGGESTION] == []
    assert is_request(read(sentence.text, GROUND.rooms))
    assert asked == sentence.asks
    assert acts(definition["flows"]["main"]["steps"]) == sentence.acts
    (trigger,) = definition["triggers"]
    assert {key: trigger.get(key) for key in sentence.trigger} == sentence.trigger


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("When our form posts to a webhook, tell the moderators", True),
        ("Tell the admins when a call to our webhook comes in", True),
        ("Whenever the webhook is called, write a post in General", True),
        ("When an order is over 200, call the webhook https://a.example.com/x", False),
        ("When a member joins send it to the webhook https://a.example.com/x", False),
    ],
)
def test_a_webhook_starts_an_app_where_somebody_else_calls_it(text, called):
    assert (read(text, GROUND.rooms).start == "webhook") is called


@pytest.mark.parametrize("question", ["severity", "start", "ranking", "text", "effects"])
def test_every_reply_that_a_question_offers_is_understood(question):
    sentence = next(sentence for sentence in SENTENCES if question in sentence.asks)
    draft = read(sentence.text, GROUND.rooms)
    while (found := open_question(draft)).key != question:
        draft = found.answer(draft, found.replies(draft, GROUND)[0], GROUND).changed(asked=(*draft.asked, found.key))
    replies = found.replies(draft, GROUND)
    answered = [found.answer(draft, reply, GROUND) for reply in replies]
    assert None not in answered
    assert len({settled.model_dump_json() for settled in answered}) == len(replies)


def test_a_flag_that_hides_takes_the_post_down():
    draft, _ = settle(
        Sentence("flag posts shorter than 20 characters", {}, [], [], {"severity": "High, and hide the post"})
    )
    (step,) = define(draft, "UTC")["flows"]["main"]["steps"]
    assert (step["params"]["severity"], step["params"]["review"]) == ("high", True)


def test_thanking_happens_once_for_each_author():
    draft, _ = settle(Sentence("thank everyone whose post scored 10 or more", {}, []))
    _, loop = define(draft, "UTC")["flows"]["main"]["steps"]
    assert loop["steps"][0]["once_per"] == "thanks:{{ post.author_id }}"


def test_a_named_room_narrows_the_posts_it_looks_at():
    draft, _ = settle(Sentence("flag posts in Gear shorter than 20 characters", {}, []))
    assert define(draft, "UTC")["triggers"][0]["filter"]["post.room_id"] == 4


def test_searched_words_are_taken_literally():
    draft, _ = settle(Sentence('flag posts that contain "a.b*(c)"', {}, []))
    assert define(draft, "UTC")["triggers"][0]["filter"]["post.body"] == {"matches": r"(?i)a\.b\*\(c\)"}


def test_the_persons_own_text_is_what_the_email_says():
    text = "Hello {{ trigger.member.display_name }}, welcome aboard."
    draft, _ = settle(Sentence("welcome new members with an email", {}, [], [], {"text": text}))
    assert define(draft, "UTC")["flows"]["main"]["steps"][0]["params"]["body"] == text


@pytest.mark.parametrize("text", ["Hello", "mail me a joke", "What is the weather like?", "posts", "", "🙂" * 500])
def test_what_says_too_little_is_no_request(text):
    assert not is_request(read(text, GROUND.rooms))
