"""What may be written at a place of a definition, by its schema; where its values stand."""

from __future__ import annotations

import pytest

from apps_engine.language.completion import Completion, complete
from apps_engine.language.jsonwalk import offsets
from apps_engine.registry import registry

STEP = '{"flows": {"main": {"steps": [{"id": "a", %s}]}}}'


def at(text: str) -> Completion:
    """The completion where the text has a `|`."""
    return complete(text.replace("|", ""), text.index("|"), registry.catalogue)


def labels(text: str) -> list[str]:
    return [option.label for option in at(text).options]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{|}", "profile"),
        ('{"pro|"}', "profile"),
        ('{"pro|', "profile"),
        ('{"profile": |}', "superpower"),
        ('{"profile": "sup|"}', "superpower"),
        ('{"triggers": [{"type": "|"}]}', "scheduled"),
        ('{"triggers": [{|"type": "scheduled"}]}', "cron"),
        ('{"triggers": [{"type": "event", "event": "post|"}]}', "post.created"),
        (STEP % "|", "fetch"),
        (STEP % '"act": "send_|"', "send_email"),
        (STEP % '"params": {|}, "act": "send_notification"', "title"),
        (STEP % '"fetch": "users", "fields": ["id", "dis|"]', "display_name"),
        (STEP % '"each": "{{ x }}", "as": "one", "steps": [{"ac|": 1}]', "act"),
    ],
)
def test_it_offers_what_the_schema_knows(text, wanted):
    assert wanted in labels(text)


def test_a_key_that_is_there_is_not_offered_again():
    assert "type" not in labels('{"triggers": [{"type": "scheduled", "c|"}]}')
    assert "profile" not in labels('{"profile": "automation", |}')


def test_what_begins_as_written_goes_first_and_takes_its_place():
    found = at('{"profile": "aut|"}')
    assert found.options[0].text == '"automation"'
    assert (found.start, found.end) == (12, 17)


def test_a_key_brings_the_beginning_of_its_value_and_says_what_it_is_for():
    (option,) = [option for option in at('{"trig|').options if option.label == "triggers"]
    assert option.text == '"triggers": []'
    (about,) = [option.about for option in at('{"nam|').options if option.label == "name"]
    assert about == "What admins call it."


@pytest.mark.parametrize(
    "text", ["|", "[|", "}|", '{"a": }}]|', '{"flows": {"main": {"steps": [{"act"|', '{"x": {"y": [1, |']
)
def test_no_text_is_too_broken(text):
    at(text)


def test_every_value_has_its_place():
    text = '{\n "a": 1,\n "b": [\n  {"c": [2, "x"]},\n  3]}'
    found = offsets(text)
    assert {pointer: text[start : start + 3] for pointer, start in found.items() if pointer} == {
        "/a": '"a"',
        "/b": '"b"',
        "/b/0": '{"c',
        "/b/0/c": '"c"',
        "/b/0/c/0": "2, ",
        "/b/0/c/1": '"x"',
        "/b/1": "3]}",
    }
