"""What may be written at a place, by what the definition itself and the catalogue name there."""

from __future__ import annotations

import json

import pytest

from apps_engine.language.completion import Completion, complete
from apps_engine.registry import registry

# The caret: a character that no definition has.
CARET = "¦"
DEFINITION = {
    "name": "Greet",
    "inputs": {"type": "object", "properties": {"days": {"type": "integer", "default": 7}}},
    "triggers": [
        {"id": "written", "type": "event", "event": "post.created", "filter": {"FILTER": 1}, "flow": "main"},
        {"id": "joined", "type": "event", "event": "member.joined", "flow": "FLOW"},
    ],
    "permissions": {"subscribes": ["bills.settled"], "emits": ["greet.done"]},
    "escalation": {"provider_down": {"text": "Later."}},
    "flows": {
        "main": {
            "steps": [
                {"id": "members", "fetch": "users", "fields": ["id", "email", "xp"], "where": {"WHERE": 1}},
                {"id": "top", "transform": "limit", "from": "FROM", "params": {"count": 3}},
                {"id": "best", "transform": "sort", "from": "{{ members }}", "params": {"by": ["BY"]}},
                {"each": "{{ members }}", "as": "member", "until": "UNTIL", "steps": [
                    {"id": "mail", "act": "send_email", "when": "WHEN", "on_error": "ERROR",
                     "params": {"to": "{{ member.email }}", "subject": "Hi", "body": "BODY"}},
                ]},
                {"id": "said", "act": "emit_event", "params": {"event": "SENT", "data": {}}},
            ],
            "response": {"template": "RESPONSE"},
        },
        "later": {"steps": [{"id": "last", "act": "send_notification", "params": {"to": "team", "title": "LATER"}}]},
    },
}  # fmt: skip


def at(place: str, written: str) -> Completion:
    """The completion where this is written in place of that text, up to a caret."""
    text = json.dumps(DEFINITION, indent=1).replace(f'"{place}"', f'"{written}"')
    assert CARET in text
    return complete(text.replace(CARET, ""), text.index(CARET), registry.catalogue)


def labels(place: str, written: str) -> list[str]:
    return [option.label for option in at(place, written).options]


@pytest.mark.parametrize(
    ("place", "written", "wanted"),
    [
        ("BODY", "Hi {{ mem¦ }}", {"member", "members"}),
        ("BODY", "Hi {{ member.¦ }}", {"id", "email", "xp"}),
        ("BODY", "Hi {{ member.¦", {"id", "email", "xp"}),
        ("BODY", "{{ loop.¦ }}", {"index", "number", "length", "first", "last"}),
        ("BODY", "{{ trigger.post.bo¦ }}", {"body", "body_length"}),
        ("BODY", "{{ inputs.¦ }}", {"days"}),
        ("WHEN", "{{ member.xp }} > inputs.¦", {"days"}),
        ("WHEN", "member.e¦", {"email"}),
        ("UNTIL", "member.x¦", {"xp"}),
        ("FROM", "{{ mem¦", {"members"}),
        ("RESPONSE", "{{ sa¦ }}", {"said"}),
        ("BODY", "{{ members | sum: 'x¦' }}", {"xp"}),
        ("FLOW", "¦", {"main", "later"}),
        ("ERROR", "¦", {"fail", "continue", "provider_down"}),
        ("SENT", "¦", {"greet.done"}),
        ("BY", "¦", {"id", "email", "xp"}),
    ],
)
def test_it_offers_exactly_what_can_be_read_there(place, written, wanted):
    found = {label for label in labels(place, written) if not label.startswith("{{")}
    assert found >= wanted
    # Behind a dot and for a name that the definition itself has to know, nothing else will do.
    if "." in written or place in {"FLOW", "SENT", "BY"}:
        assert found == wanted


def test_a_name_is_there_only_behind_the_step_that_makes_it():
    assert {"members", "trigger", "inputs", "tenant", "now"} <= set(labels("FROM", "{{ ¦"))
    assert not {"top", "mail", "said", "member", "last"} & set(labels("FROM", "{{ ¦"))
    assert {"members", "top", "member", "loop"} <= set(labels("BODY", "{{ ¦"))
    assert not {"mail", "said", "last"} & set(labels("BODY", "{{ ¦"))
    assert {"members", "top", "said"} <= set(labels("RESPONSE", "{{ ¦"))
    assert not {"member", "mail"} & set(labels("RESPONSE", "{{ ¦"))
    assert not {"members", "said"} & set(labels("LATER", "{{ ¦"))


def test_names_of_the_app_itself_go_before_those_that_every_app_has():
    found = labels("RESPONSE", "{{ ¦")
    assert set(found[:4]) == {"members", "top", "best", "said"}
    assert set(found[4:7]) == {"trigger", "inputs", "state"}


def test_a_list_to_go_over_is_offered_whole():
    assert "{{ members }}" in labels("FROM", "¦")
    assert at("FROM", "¦").options[0].text == '"{{ members }}"'
    assert "{{ tenant }}" not in labels("FROM", "¦")


def test_filters_follow_a_bar_and_fit_what_is_before_it():
    found = labels("BODY", "{{ member.email | ¦ }}")
    assert {"uppercase", "default", "truncate"} <= set(found)
    assert "pluck" not in found
    assert "pluck" in labels("BODY", "{{ members | pl¦ }}")


def test_only_the_word_at_hand_is_replaced():
    found = at("BODY", "Hi {{ member.em¦ail | title }}")
    text = json.dumps(DEFINITION, indent=1).replace('"BODY"', '"Hi {{ member.email | title }}"')
    assert text[found.start : found.end] == "email"
    assert found.options[0].text == "email"


def test_a_word_behind_an_open_placeholder_stays():
    found = at("BODY", "{{ mem¦Members so far")
    assert found.start < found.end == json.dumps(DEFINITION, indent=1).index('"BODY"') + len('"{{ mem')


def test_a_filter_object_takes_the_fields_of_what_it_filters_and_their_operators():
    assert {"email", "xp", "status"} <= set(labels("WHERE", "¦"))
    assert {"post", "post.body", "member.id"} & set(labels("FILTER", "p¦"))
    text = json.dumps(DEFINITION).replace('{"WHERE": 1}', '{"xp": {"¦"}}')
    found = complete(text.replace(CARET, ""), text.index(CARET), registry.catalogue)
    assert {"gte", "lt"} <= {option.label for option in found.options}
    assert "matches" not in {option.label for option in found.options}


def test_events_of_other_apps_are_those_that_the_app_hears():
    assert labels("post.created", "bills¦") == ["bills.settled"]


@pytest.mark.parametrize(
    "broken",
    [
        '{"flows": {"main": {"steps": [{"act": "send_email", "params": {"body": "{{ ¦',
        '{"flows": {"main": {"steps": [{"when": "{{ ¦',
        '{"flows": 3, "x": "{{ ¦"}',
        '{"triggers": [{"type": "event", "event": "post.created", "filter": {"¦',
    ],
)
def test_an_unfinished_text_is_read_as_far_as_it_goes(broken):
    complete(broken.replace(CARET, ""), broken.index(CARET), registry.catalogue)


def test_an_old_shape_knows_its_names_too():
    text = json.dumps(
        {
            "name": "Old",
            "trigger": {"type": "manual"},
            "pipeline": [{"id": "members", "connector": "users", "fields": ["id", "email"]}],
            "actions": [{"type": "for_each", "items": "{{members}}", "as": "member", "actions": [
                {"type": "send_email", "to": "{{member.¦}}", "subject": "Hi", "body": "Ho"}]}],
        },
        ensure_ascii=False,
    )  # fmt: skip
    found = complete(text.replace(CARET, ""), text.index(CARET), registry.catalogue)
    assert [option.label for option in found.options] == ["id", "email"]
