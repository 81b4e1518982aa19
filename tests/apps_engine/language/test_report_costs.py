"""What a run may use at the most (LNG-09)."""

import pytest

from tests.apps_engine.language.told import AI, EMAIL, acts, told

pytestmark = pytest.mark.requirement("LNG-09")


def worst(*actions, **document):
    facts = acts(*actions, **document).worst_case
    return facts["emails"], facts["ai_calls"], facts["loop_items"]


def test_the_worst_case_adds_steps_and_multiplies_loops():
    users = {"pipeline": [{"id": "u", "connector": "users", "limit": 20}]}
    loop = {"type": "for_each", "items": "{{ u }}", "as": "x", "actions": [EMAIL]}
    assert worst(EMAIL, EMAIL) == (2, 0, 0)
    assert worst(EMAIL, loop, **users) == (21, 0, 20)
    assert worst({**loop, "actions": [loop | {"as": "y"}, AI]}, **users) == (400, 20, 420)
    assert worst({**loop, "items": [1, 2, 3]}) == (3, 0, 3)


def test_the_worst_case_multiplies_through_loops_in_branches_in_loops():
    users = {"pipeline": [{"id": "u", "connector": "users", "limit": 6}]}
    inner = {"type": "for_each", "items": "{{ u | take: 2 }}", "as": "y", "actions": [EMAIL, AI]}
    branch = {"type": "conditional", "condition": "{{ x.xp }} > 3", "then": [inner, EMAIL], "else": [AI, AI, AI]}
    outer = {"type": "for_each", "items": "{{ u }}", "as": "x", "actions": [branch]}
    assert worst(outer, **users) == (6 * (2 + 1), 6 * 3, 6 + 6 * 2)


def test_the_worst_case_of_a_branch_is_that_of_its_larger_arm():
    branch = {
        "type": "conditional",
        "condition": "{{ now }} > today",
        "then": [EMAIL, EMAIL, AI],
        "else": [EMAIL, AI, AI],
    }
    assert worst(branch) == (2, 2, 0)


def test_the_worst_case_never_exceeds_what_a_run_may_use():
    users = {"pipeline": [{"id": "u", "connector": "users"}]}
    loop = {"type": "for_each", "items": "{{ u }}", "as": "x", "actions": [EMAIL, AI]}
    assert worst(loop, **users) == (500, 100, 1_000)


def test_the_worst_case_is_that_of_the_flow_that_uses_most():
    definition = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "x",
        "triggers": [{"id": "a", "type": "manual", "flow": "a"}, {"id": "b", "type": "manual", "flow": "b"}],
        "flows": {
            "a": {"steps": [{"act": "send_email", "params": {"to": "a", "subject": "s", "body": "b"}}]},
            "b": {"steps": [{"act": "ai_generate", "params": {"prompt": "p"}}]},
        },
    }
    assert told(definition).worst_case["emails"] == 1
    assert told(definition).worst_case["ai_calls"] == 1
