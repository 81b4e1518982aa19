"""Texts put together offline: for the purpose of the prompt, with the data in them, and nothing that is not known."""

from __future__ import annotations

import pytest

from decommerce.intelligence.offline.offline_model import OfflineModel
from decommerce.intelligence.port import Material, ModelRequest, Task
from decommerce.intelligence.schema import answer_schema

pytestmark = pytest.mark.requirement("ACT-04")


def written(prompt: str, data: object = None, **options) -> str:
    """The text for a prompt and data."""
    material = () if data is None else (Material("input", data),)
    answer = OfflineModel().answer(ModelRequest(task=Task.GENERATE, instructions=prompt, material=material, **options))
    assert (answer.offline, answer.model) == (True, "offline heuristics")
    return answer.text


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Write a warm welcome for the new member", "Welcome!"),
        ("Thank the customer for the purchase", "Thank you"),
        ("Write a win-back mail to an inactive member", "see you again"),
        ("Remind them of their open missions", "reminder"),
        ("Congratulate the member on the milestone", "Congratulations"),
        ("Write the weekly recap of the posts", "what happened lately"),
        ("Their cart was abandoned; write to them", "cart"),
        ("Ask for a review of what they think", "what you think"),
        ("Do something", "A note from the team"),
    ],
)
def test_the_purpose_of_the_prompt_picks_the_pattern(prompt, words):
    assert words in written(prompt)


def test_a_person_is_greeted_by_name_in_the_tone_that_is_asked_for():
    data = {"member": {"id": 7, "display_name": "Ada", "email": "ada@example.com"}}
    assert written("Welcome them", data).startswith("Hi Ada,")
    assert written("Welcome them", data, tone="formal").startswith("Dear Ada,")
    assert "ada@example.com" not in written("Welcome them", data)


def test_rows_become_lines_with_their_figures_and_the_rest_is_counted():
    rows = [{"id": n, "title": f"Post {n}", "score": n} for n in range(12)]
    text = written("Recap of the posts", rows)
    assert "- Post 3 (score: 3)" in text
    assert "- and 2 more" in text


def test_plain_facts_become_lines():
    text = written("Draft a plan of the trip", {"destination": "Rome", "days": 3, "trip_id": 99})
    assert "- Destination: Rome\n- Days: 3" in text
    assert "99" not in text


def test_markup_of_members_is_gone():
    assert "<" not in written("Recap", [{"title": "<script>alert(1)</script><b>Bold</b>"}])


def test_a_text_ends_within_its_length_between_words():
    text = written("Recap of the posts", [{"title": "word " * 40}] * 5, max_characters=120)
    assert len(text) <= 120
    assert text.endswith("…")


def test_a_mail_of_subject_and_body():
    schema = answer_schema(
        {
            "type": "object",
            "properties": {"subject": {"type": "string", "maxLength": 30}, "body": {"type": "string"}},
        }
    )
    request = ModelRequest(
        task=Task.GENERATE,
        instructions="Welcome the member",
        material=(Material("input", {"name": "Ada"}),),
        schema=schema,
    )
    value = OfflineModel().answer(request).value
    assert value["subject"].startswith("Welcome to the community")
    assert len(value["subject"]) <= 30
    assert value["body"].startswith("Hi Ada,")
