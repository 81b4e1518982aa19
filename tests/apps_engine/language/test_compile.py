"""From a valid definition to the frozen plan."""

import dataclasses
from decimal import Decimal

import pytest

from apps_engine.language.compile import compile_definition
from apps_engine.language.limits import TRIGGER_TYPES
from apps_engine.language.parse import parse
from apps_engine.language.plan import Act, Branch, Concurrency, Delay, Each, Fetch, Pause, RetryPolicy, Transform
from apps_engine.language.problems import has_errors
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

FLAG = {"act": "flag_content", "params": {"post_id": "{{ trigger.post.id }}"}}
WEBHOOK = {"act": "webhook", "params": {"url": "https://hooks.example.com/x"}}
NOTE = {"act": "send_notification", "params": {"to": "moderators", "title": "t"}}
SCOPE = {
    "trigger": {"post": {"id": 7, "title": "Hi", "score": 3}},
    "now": "2026-11-21T09:00:00Z",
    "inputs": {"days": 2},
    "rows": [{"id": 1}],
}


def plan(steps, **definition):
    trigger = {"id": "t", "type": "event", "event": "post.created", "flow": "main"}
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Plan",
        "triggers": [trigger],
        "flows": {"main": {"steps": steps}},
        "inputs": {"type": "object", "properties": {"days": {"type": "integer"}}},
        "permissions": {"domains": ["hooks.example.com"]},
        **definition,
    }
    canonical = parse(document).definition
    problems = validate(canonical, CATALOGUE)
    assert not has_errors(problems), problems
    return compile_definition(canonical, CATALOGUE)


def steps_of(*steps):
    return plan(list(steps)).flows["main"].steps


def test_a_step_is_keyed_by_its_id_or_by_its_kind_and_place():
    first, second, third, loop = steps_of(
        FLAG,
        {"id": "rows", "fetch": "users"},
        {"id": "act4", **FLAG},
        {"each": "{{ rows }}", "as": "row", "steps": [NOTE, {"id": "note", **NOTE}]},
    )
    assert [first.key, second.key, third.key, loop.key] == ["act1", "rows", "act4", "each4"]
    assert [step.key for step in loop.steps] == ["act1", "note"]


def test_a_generated_key_never_meets_an_id_of_a_sibling():
    keys = [step.key for step in steps_of({"id": "act2", **FLAG}, FLAG)]
    assert keys == ["act2", "act2_"]


def test_a_fetch_keeps_what_to_read_and_names_every_field_when_none_is_asked():
    (fetch,) = steps_of(
        {"fetch": "comments", "where": {"id": 3}, "order_by": ["-id"], "limit": "{{ inputs.days }}", "offset": 4}
    )
    assert isinstance(fetch, Fetch)
    assert fetch.fields == ("id", "post_id", "author_id", "body")
    assert fetch.order_by == ("-id",)
    assert fetch.limit(SCOPE) == 2
    assert fetch.offset(SCOPE) == 4
    assert fetch.where is not None
    (fetch,) = steps_of({"fetch": "users", "fields": ["id"]})
    assert (fetch.fields, fetch.where, fetch.limit) == (("id",), None, None)


def test_a_filter_carries_its_predicate_and_no_other_transform_does():
    _, kept, first = steps_of(
        {"id": "rows", "fetch": "users"},
        {"id": "kept", "transform": "filter", "from": "{{ rows }}", "params": {"where": {"xp": {"gt": 1}}}},
        {"transform": "limit", "from": "{{ kept }}", "params": {"count": "{{ inputs.days }}"}},
    )
    assert isinstance(kept, Transform)
    assert kept.where is not None
    assert kept.params(SCOPE) == {}
    assert kept.source(SCOPE) == [{"id": 1}]
    assert (first.op, first.where, first.params(SCOPE)) == ("limit", None, {"count": 2})


def test_an_act_renders_its_parameters_and_its_key():
    (act,) = steps_of(
        {**FLAG, "id": "flag", "when": "{{ trigger.post.score }} > 2", "once_per": "flag:{{ trigger.post.id }}"}
    )
    assert isinstance(act, Act)
    assert act.local
    assert act.params(SCOPE) == {"post_id": 7}
    assert act.once_per(SCOPE) == "flag:7"
    assert act.when(SCOPE) is True


def test_an_action_that_calls_outside_is_not_local():
    (act,) = steps_of(WEBHOOK)
    assert not act.local


def test_a_branch_keeps_its_arms_in_order():
    (branch,) = steps_of({"branch": [{"when": "{{ trigger.post.score }} > 5", "steps": [FLAG]}, {"steps": [WEBHOOK]}]})
    assert isinstance(branch, Branch)
    assert branch.arms[0].when(SCOPE) is False
    assert branch.arms[1].when is None
    assert [arm.steps[0].key for arm in branch.arms] == ["act1", "act1"]


@pytest.mark.parametrize(
    ("body", "extra", "chunked"),
    [
        ([NOTE], {}, True),
        ([NOTE, FLAG], {}, True),
        ([NOTE], {"until": "{{ loop.last }}"}, False),
        ([WEBHOOK], {}, False),
        ([NOTE, WEBHOOK], {}, False),
        ([{"id": "rows", "fetch": "users"}, NOTE], {}, False),
        ([{"each": [1], "as": "y", "steps": [NOTE]}], {}, False),
        ([{"pause": {"for": "1h"}}, NOTE], {}, False),
    ],
)
def test_only_a_loop_of_local_acts_without_a_break_runs_in_chunks(body, extra, chunked):
    (loop,) = steps_of({"each": [1, 2], "as": "x", "steps": body, **extra})
    assert isinstance(loop, Each)
    assert loop.chunked is chunked
    assert loop.items(SCOPE) == [1, 2]
    assert loop.name == "x"


@pytest.mark.parametrize(("written", "seconds"), [("2h", 7200), (90, 90), ("{{ inputs.days }}", 2)])
def test_a_pause_renders_seconds(written, seconds):
    (pause,) = steps_of({"pause": {"for": written}})
    assert isinstance(pause, Pause)
    assert pause.seconds(SCOPE) == seconds
    assert pause.reply is None


def test_a_response_always_has_text_and_blocks():
    flows = {"main": {"steps": [FLAG], "response": {"template": "{{ trigger.post.title }}!"}}}
    assert plan([], flows=flows).flows["main"].response(SCOPE) == {"template": "Hi!", "ui": []}
    assert plan([FLAG]).flows["main"].response is None


@pytest.mark.requirement("RUN-01")
def test_events_queue_and_schedules_and_orders_skip_unless_the_app_says_otherwise():
    own = {
        "scheduled": {"cron": "0 9 * * *"},
        "event": {"event": "post.created"},
        "delayed": {"event": "post.created", "sequence": [{"delay": "1h"}]},
        "webhook": {"endpoint": "e"},
        "manual": {},
        "keyword": {"phrases": ["a"]},
        "phrase": {"phrases": ["a"]},
        "intent": {"phrases": ["a"]},
    }
    triggers = [{"id": kind, "type": kind, "flow": "main", **own[kind]} for kind in TRIGGER_TYPES]
    superpower = {"profile": "superpower", "completion_criteria": "x", "escalation": {"a": "x", "b": "y"}}
    modes = {name: mode.mode for name, mode in plan([NOTE], triggers=triggers, **superpower).concurrency.items()}
    assert {kind for kind, mode in modes.items() if mode == "skip"} == {"scheduled", "manual"}
    assert set(modes.values()) == {"skip", "queue"}


@pytest.mark.requirement("RUN-01")
def test_a_declared_concurrency_holds_for_every_trigger():
    made = plan([FLAG], settings={"concurrency": {"mode": "parallel", "max": 3, "key": "{{ trigger.post.id }}"}})
    assert isinstance(made.concurrency["t"], Concurrency)
    assert (made.concurrency["t"].mode, made.concurrency["t"].max_parallel) == ("parallel", 3)
    assert made.concurrency["t"].key(SCOPE) == 7


@pytest.mark.requirement("RUN-03")
def test_retries_come_from_the_settings_and_from_the_step():
    made = plan(
        [{**FLAG, "retry": {"max_attempts": 5, "backoff": "fixed", "base_seconds": 2}}],
        settings={"retry": {"max_attempts": 1}},
    )
    assert made.retry == RetryPolicy(1, "exponential", Decimal(30))
    assert made.flows["main"].steps[0].retry == RetryPolicy(5, "fixed", Decimal(2))
    assert plan([FLAG]).retry == RetryPolicy()
    assert (made.max_attempts, plan([FLAG]).max_attempts) == (5, 3)


@pytest.mark.requirement("RUN-03")
def test_a_run_may_be_begun_as_often_as_its_most_patient_step_asks_for_at_any_depth():
    patient = {"id": "deep", **FLAG, "retry": {"max_attempts": 7}}
    loop = {"each": [1], "as": "one", "steps": [{"branch": [{"when": "true", "steps": [patient]}]}]}
    assert plan([loop]).max_attempts == 7
    assert plan([loop], settings={"retry": {"max_attempts": 9}}).max_attempts == 9
    assert plan([{**loop, "retry": {"max_attempts": 10}}]).max_attempts == 7


@pytest.mark.requirement("TRG-04")
def test_a_delayed_trigger_has_seconds_flows_and_conditions():
    trigger = {
        "id": "t",
        "type": "delayed",
        "event": "post.created",
        "filter": {"post.score": {"gt": 1}},
        "sequence": [{"delay": "1h"}, {"delay": 30, "flow": "other", "when": "trigger.post.score > 2"}],
        "exit_when": "{{ trigger.post.score }} > 9",
        "flow": "main",
    }
    (made,) = plan([], triggers=[trigger], flows={"main": {"steps": [FLAG]}, "other": {"steps": [FLAG]}}).triggers
    first, second = made.params["sequence"]
    assert first == Delay(3600, "main", None)
    assert (second.seconds, second.flow, second.when(SCOPE)) == (30, "other", True)
    assert made.params["exit_when"](SCOPE) is False
    assert made.filter is not None


@pytest.mark.requirement("TRG-01")
def test_a_schedule_has_a_zone_and_a_catch_up():
    trigger = {"id": "t", "type": "scheduled", "cron": "0 9 * * 1", "flow": "main"}
    (made,) = plan([NOTE], triggers=[trigger]).triggers
    assert (made.cron, made.timezone, made.catch_up_seconds) == ("0 9 * * 1", "UTC", 3600)
    (made,) = plan([NOTE], triggers=[{**trigger, "timezone": "Europe/Zurich", "catch_up": "6h"}]).triggers
    assert (made.timezone, made.catch_up_seconds) == ("Europe/Zurich", 21_600)


def test_a_plan_has_defaults_for_what_the_definition_leaves_out():
    made = plan([FLAG])
    assert made.notify_on_error is True
    assert made.on_quota == "skip"
    assert made.escalation == {}
    assert made.states is None
    assert made.permissions == {"emits": (), "subscribes": (), "oauth": (), "domains": ("hooks.example.com",)}


def test_a_plan_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan([FLAG]).name = "other"
