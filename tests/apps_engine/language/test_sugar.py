"""The shapes that both specifications print, as the one canonical definition."""

from pathlib import Path

import pytest

from apps_engine.language.parse import parse

pytestmark = pytest.mark.requirement("LNG-08")
DEFINITIONS = Path(__file__).parents[2] / "definitions"


def canonical(document):
    parsed = parse(document)
    assert parsed.definition is not None, parsed.problems
    return parsed.definition


def main_steps(**document):
    return canonical({"name": "x", "trigger": {"type": "manual"}, **document})["flows"]["main"]["steps"]


def test_a_micro_app_becomes_one_flow_of_its_pipeline_and_its_actions():
    definition = canonical(
        {
            "name": "Digest",
            "trigger": {"type": "scheduled", "schedule": "0 9 * * 1", "timezone": "Europe/Zurich"},
            "pipeline": [{"id": "members", "connector": "users", "filter": {"xp": {"gt": 3}}, "limit": 5}],
            "actions": [
                {"type": "send_email", "condition": "{{ members | length }} > 0", "to": "a@b.ch", "subject": "s"},
                {"type": "webhook", "params": {"url": "https://x.example"}, "output": "called"},
            ],
        }
    )
    assert definition["schema_version"] == "1.1"
    assert definition["profile"] == "automation"
    assert definition["triggers"] == [
        {"id": "scheduled", "type": "scheduled", "cron": "0 9 * * 1", "timezone": "Europe/Zurich", "flow": "main"}
    ]
    assert definition["flows"]["main"]["steps"] == [
        {"id": "members", "fetch": "users", "where": {"xp": {"gt": 3}}, "limit": 5},
        {
            "act": "send_email",
            "when": "{{ members | length }} > 0",
            "params": {"to": "a@b.ch", "subject": "s"},
        },
        {"id": "called", "act": "webhook", "params": {"url": "https://x.example"}},
    ]
    assert not {"trigger", "pipeline", "actions"} & definition.keys()


def test_a_pipeline_step_that_joins_and_transforms_becomes_a_chain_that_ends_in_its_id():
    steps = main_steps(
        pipeline=[
            {
                "id": "top",
                "connector": "users",
                "fields": ["id", "xp"],
                "join": {"with": "orders", "on": {"left": "id", "right": "member_id"}, "as": "order"},
                "transform": [
                    {"type": "filter", "field": "xp", "operator": "gt", "value": 5},
                    {"sort": "-xp"},
                    {"limit": 3},
                ],
            }
        ]
    )
    assert steps == [
        {"id": "top__1", "fetch": "users", "fields": ["id", "xp"]},
        {
            "id": "top__2",
            "transform": "merge",
            "from": "{{ top__1 }}",
            "params": {"with": "{{ orders }}", "on": {"left": "id", "right": "member_id"}, "as": "order"},
        },
        {
            "id": "top__3",
            "transform": "filter",
            "from": "{{ top__2 }}",
            "params": {"where": [{"field": "xp", "op": "gt", "value": 5}]},
        },
        {"id": "top__4", "transform": "sort", "from": "{{ top__3 }}", "params": {"by": ["-xp"]}},
        {"id": "top", "transform": "limit", "from": "{{ top__4 }}", "params": {"count": 3}},
    ]


@pytest.mark.parametrize(
    ("written", "params"),
    [
        ({"type": "sort", "field": "xp", "direction": "desc"}, {"by": ["-xp"]}),
        ({"type": "sort", "by": "xp", "order": "asc"}, {"by": ["xp"]}),
        ({"sort": {"by": ["a", "b"]}}, {"by": ["a", "b"]}),
        ({"type": "filter", "params": {"where": {"xp": 1}}}, {"where": {"xp": 1}}),
        ({"filter": {"xp": 1}}, {"where": {"xp": 1}}),
        ({"type": "group", "by": "room_id"}, {"by": ["room_id"]}),
        (
            {"type": "aggregate", "group_by": "a", "metrics": {"n": {"count": "*"}}},
            {"by": ["a"], "metrics": {"n": {"count": "*"}}},
        ),
        ({"map": {"who": "name"}}, {"fields": {"who": "name"}}),
        ({"type": "limit", "limit": 3}, {"count": 3}),
    ],
)
def test_transforms_are_known_under_the_names_that_authors_give(written, params):
    (_, last) = main_steps(pipeline=[{"id": "rows", "connector": "users", "transform": [written]}])
    assert last["params"] == params


@pytest.mark.parametrize(
    "loop",
    [
        {
            "type": "for_each",
            "items": "{{ m }}",
            "as": "m1",
            "actions": [{"type": "a", "x": 1}],
            "condition": "{{ c }}",
        },
        {"for_each": {"items": "{{ m }}", "as": "m1", "actions": [{"type": "a", "x": 1}]}, "when": "{{ c }}"},
        {"for_each": "{{ m }}", "as": "m1", "actions": [{"type": "a", "x": 1}], "if": "{{ c }}"},
        {
            "type": "loop",
            "items": "{{ m }}",
            "item": "m1",
            "operations": [{"type": "a", "params": {"x": 1}}],
            "when": "{{ c }}",
        },
        {
            "type": "for_each",
            "params": {"items": "{{ m }}", "as": "m1", "actions": [{"action": "a", "x": 1}]},
            "when": "{{ c }}",
        },
    ],
)
def test_every_way_to_write_a_loop_is_the_same_loop(loop):
    assert main_steps(actions=[loop]) == [
        {"each": "{{ m }}", "as": "m1", "steps": [{"act": "a", "params": {"x": 1}}], "when": "{{ c }}"}
    ]


def test_a_conditional_is_a_branch_of_two_arms():
    steps = main_steps(
        actions=[{"type": "conditional", "condition": "{{ x }}", "then": [{"type": "a"}], "else": [{"type": "b"}]}]
    )
    arms = [
        {"when": "{{ x }}", "steps": [{"act": "a", "params": {}}]},
        {"steps": [{"act": "b", "params": {}}]},
    ]
    assert steps == [{"branch": arms}]


def test_waiting_is_a_pause():
    steps = main_steps(
        actions=[
            {"type": "wait", "duration": "2h"},
            {"type": "conversation_flow", "prompt": "How many?", "output": "answer"},
        ]
    )
    assert steps == [{"pause": {"for": "2h"}}, {"id": "answer", "pause": {"for_reply": {"prompt": "How many?"}}}]


def test_a_superpower_has_a_flow_for_each_action():
    definition = canonical(
        {
            "name": "Scanner",
            "completion_criteria": "done",
            "oauth_required": ["calendar"],
            "triggers": [{"type": "cron", "schedule": "0 7 * * 1-5", "action_id": "scan"}],
            "actions": [
                {
                    "id": "scan",
                    "oauth_required": ["gmail", "calendar"],
                    "operations": [{"type": "gmail_query", "query": "is:unread", "output": "mails"}],
                    "response": "You have {{ $op.mails | length }}",
                },
                {"id": "other", "operations": [{"type": "calculate", "expression": "1 + 1", "output": "two"}]},
            ],
            "state_machine": {
                "initial_state": "idle",
                "states": {
                    "idle": {"actions": ["scan"], "auto_transitions": [{"target": "done", "condition": "{{ x }}"}]}
                },
            },
        }
    )
    assert definition["profile"] == "superpower"
    assert definition["triggers"] == [{"id": "scheduled", "type": "scheduled", "cron": "0 7 * * 1-5", "flow": "scan"}]
    assert definition["flows"]["scan"] == {
        "steps": [{"id": "mails", "act": "gmail_search", "params": {"query": "is:unread"}}],
        "response": {"template": "You have {{ $op.mails | length }}"},
    }
    assert definition["flows"]["other"]["steps"] == [
        {"id": "two", "transform": "calculate", "params": {"expression": "1 + 1"}}
    ]
    assert definition["permissions"] == {"oauth": ["calendar", "gmail"]}
    idle = {"flows": ["scan"], "transitions": [{"to": "done", "when": "{{ x }}"}]}
    assert definition["states"] == {"initial": "idle", "states": {"idle": idle}}


def test_triggers_without_an_id_are_named_after_their_type():
    definition = canonical({"triggers": [{"type": "manual"}, {"type": "cron"}, {"type": "manual"}, {"id": "manual"}]})
    assert [trigger["id"] for trigger in definition["triggers"]] == ["manual_2", "scheduled", "manual_3", "manual"]


def test_a_delay_may_be_written_bare():
    definition = canonical(
        {"trigger": {"type": "delayed", "event": "e", "delays": ["1d", {"delay": "3d", "condition": "x"}]}}
    )
    assert definition["triggers"][0]["sequence"] == [{"delay": "1d"}, {"delay": "3d", "when": "x"}]


@pytest.mark.parametrize(
    ("delays", "flow"),
    [
        ([{"delay": "1h", "flow": "hello"}, {"delay": "7d", "action_id": "gift"}], "hello"),
        ([{"delay": "1h", "flow": "hello"}, {"delay": "7d"}], "main"),
        ([], "main"),
    ],
)
def test_a_trigger_whose_delays_all_name_their_flow_needs_none_of_its_own(delays, flow):
    definition = canonical({"triggers": [{"type": "delayed", "event": "e", "sequence": delays}]})
    assert definition["triggers"][0]["flow"] == flow


def test_metadata_and_settings_find_their_places():
    definition = canonical(
        {
            "schema_version": "1.0",
            "metadata": {"name": "x", "icon": "📨"},
            "settings": {"max_retries": 2, "notify_on_error": False},
            "trigger": {"type": "manual", "inputs": {"type": "object"}},
        }
    )
    assert definition["name"] == "x"
    assert definition["icon"] == "📨"
    assert definition["inputs"] == {"type": "object"}
    assert definition["settings"] == {"notify_on_error": False, "retry": {"max_attempts": 3}}


def test_what_contradicts_itself_is_left_for_validation_to_name():
    (step,) = main_steps(actions=[{"act": "a", "when": "x", "condition": "y"}])
    assert step == {"act": "a", "when": "x", "condition": "y"}
    definition = canonical({"flows": {}, "actions": [{"type": "a"}]})
    assert definition["actions"] == [{"type": "a"}]


def test_two_actions_of_one_name_both_stay():
    definition = canonical({"actions": [{"id": "a", "operations": []}, {"id": "a", "operations": [{"type": "b"}]}]})
    assert list(definition["flows"]) == ["a", "a__2"]


def test_a_place_of_the_canonical_definition_is_found_in_the_authors_document():
    document = {
        "trigger": {"type": "cron", "schedule": "0 9 * * 1"},
        "pipeline": [{"id": "u", "connector": "users", "filter": {"xp": 1}, "transform": [{"sort": "-xp"}]}],
        "actions": [{"type": "for_each", "items": "{{u}}", "as": "m", "actions": [{"type": "a", "to": {"x": ["y"]}}]}],
    }
    locate = parse(document).places.locate
    assert locate("/triggers/0/cron") == "/trigger/schedule"
    assert locate("/flows/main/steps/0/where/xp") == "/pipeline/0/filter/xp"
    assert locate("/flows/main/steps/1/params/by/0") == "/pipeline/0/transform/0/sort"
    assert locate("/flows/main/steps/2/each") == "/actions/0/items"
    assert locate("/flows/main/steps/2/steps/0/params/to/x/0") == "/actions/0/actions/0/to/x/0"
    assert locate("/flows/main/steps/2/steps/0/params") == "/actions/0/actions/0"
    assert locate("/flows/main/steps/2/steps/0/act") == "/actions/0/actions/0/type"


def test_the_morning_email_scanner_is_read_as_printed():
    definition = canonical((DEFINITIONS / "valid" / "morning_email_scanner.json").read_bytes())
    assert definition["profile"] == "superpower"
    assert definition["triggers"][0]["flow"] == "scan_inbox"
    assert definition["permissions"] == {"oauth": ["gmail"]}
    search, extract, branch = definition["flows"]["scan_inbox"]["steps"]
    assert search == {"id": "emails", "act": "gmail_search", "params": {"query": "is:unread newer_than:24h"}}
    assert extract["id"] == "sorted"
    assert branch == {
        "branch": [
            {
                "when": "{{$op.sorted.urgent | length}} > 0",
                "steps": [{"act": "state_update", "params": {"data": {"has_urgent": True}}}],
            },
            {"steps": [{"act": "state_update", "params": {"data": {"has_urgent": False}}}]},
        ]
    }
