"""What state and tasks keep of whose text they were given (LNG-09, SEC-06)."""

import pytest

from tests.apps_engine.language.untrusted_steps import (
    EVENT,
    MEMBERS,
    MODEL,
    REFUSED,
    found,
    over,
    remember,
    tell,
)

pytestmark = [pytest.mark.requirement("LNG-09"), pytest.mark.requirement("SEC-06")]


def test_a_trigger_that_hands_over_something_else_does_not_launder_it():
    webhook = {"id": "w", "type": "webhook", "endpoint": "e", "flow": "main"}
    other = {"id": "m", "type": "event", "event": "member.joined", "flow": "main"}
    steps = [tell("{{ trigger.member.id }}")]
    assert found(*steps, triggers=[other]) == set()
    assert found(tell("{{ trigger.body }}"), triggers=[other, webhook]) & REFUSED


def test_what_one_flow_remembers_another_one_cannot_trust():
    reading = {"main": {"steps": [MODEL, remember(to="{{ model.who }}")]}, "other": {"steps": [tell("{{ state.to }}")]}}
    triggers = [EVENT, {**EVENT, "id": "o", "flow": "other"}]
    assert found(triggers=triggers, flows=reading) & REFUSED
    chained = {
        "main": {"steps": [MODEL, remember(a="{{ model.who }}")]},
        "other": {"steps": [remember(b="{{ state.a }}")]},
        "third": {"steps": [remember(c="{{ state.b }}"), tell("{{ state.c }}")]},
    }
    assert found(triggers=[*triggers, {**EVENT, "id": "p", "flow": "third"}], flows=chained) & REFUSED


def test_what_the_app_remembers_of_the_platform_it_may_use():
    steps = [tell("{{ state.last | default: 1 }}"), remember(last="{{ trigger.author.id }}")]
    assert found(*steps) == set()
    assert found(*steps, {"act": "state_update", "params": {"data": "{{ trigger.post.body | parse_json }}"}}) & REFUSED


def test_a_key_that_nothing_writes_is_not_trusted():
    assert found(tell("{{ state.other | default: 1 }}"), remember(last=3)) & REFUSED


def task(flow, **data):
    return {"act": "schedule_task", "params": {"flow": flow, "delay": "1h", "data": data}}


def test_a_task_hands_on_whose_text_it_was_given():
    later = {"steps": [tell("{{ trigger.to }}")]}
    assert found(flows={"main": {"steps": [task("later", to="{{ trigger.author.id }}")]}, "later": later}) == set()
    assert found(flows={"main": {"steps": [MODEL, task("later", to="{{ model.who }}")]}, "later": later}) & REFUSED
    chosen = over("{{ members }}", {**task("later", to="{{ item.id }}"), "when": "item.id == model.id"})
    assert found(flows={"main": {"steps": [MODEL, MEMBERS, chosen]}, "later": later}) & REFUSED
    keyed = task("later", to="{{ item.id }}")
    keyed["params"]["key"] = "{{ item.id == model.id }}"
    assert found(flows={"main": {"steps": [MODEL, MEMBERS, over("{{ members }}", keyed)]}, "later": later}) & REFUSED


def test_a_task_that_sets_itself_again_keeps_what_it_was_given():
    again = {"steps": [tell("{{ trigger.to }}"), task("later", to="{{ trigger.to }}")]}
    assert found(flows={"main": {"steps": [task("later", to="{{ trigger.author.id }}")]}, "later": again}) == set()
    assert found(flows={"main": {"steps": [MODEL, task("later", to="{{ model.id }}")]}, "later": again}) & REFUSED
