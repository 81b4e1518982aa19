"""The table of limits: each is accepted at the limit and refused one past it (RUN-02)."""

from pathlib import Path

import pytest

from apps_engine.language.bounds import LITERAL_NESTING
from apps_engine.language.compile import compile_definition
from apps_engine.language.limits import LIMITS, PROFILES, bound_limits, limit
from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("RUN-02")

# The table of limits, row by row: (automation, superpower); None is no limit.
TABLE = {
    "apps_per_tenant": (50, None),
    "slots_free": (None, 1),
    "slots_paid_first": (None, 3),
    "slots_paid_most": (None, 6),
    "flows": (10, 30),
    "data_steps": (20, None),
    "act_steps": (50, None),
    "steps": (None, 20),
    "branch_nesting": (1, 5),
    "loop_nesting": (3, 3),
    "items_per_loop": (1_000, 100),
    "seconds": (300, 60),
    "ai_calls": (100, 20),
    "emails": (500, 5),
    "messages": (None, 5),
    "scheduled_triggers": (3, 3),
    "scheduled_runs_per_day": (None, 5),
    "webhook_triggers": (5, 5),
    "ui_blocks": (None, 10),
    "pending_tasks": (None, 10),
    "delay_hours": (None, 168),
    "state_bytes": (None, 65_536),
    "template_nesting": (5, 5),
    "reply_pauses": (0, None),
    "escalation_rules": (None, 2),
}
# Where each limit is held at its value and one past it: here by BUILD, here by a test of its own, or in another file.
HERE = {"escalation_rules", "reply_pauses"}
ELSEWHERE = {
    "apps_per_tenant": "services/test_apps.py",
    "template_nesting": "language/test_bounds.py",
    "items_per_loop": "runtime/test_meter.py",
    "seconds": "runtime/test_meter.py",
    "ai_calls": "runtime/test_meter.py",
    "emails": "runtime/test_meter.py",
    "messages": "runtime/test_meter.py",
    "state_bytes": "services/test_state.py",
    "pending_tasks": "services/test_tasks.py",
}
# Members' slots come with members' own apps.
WITH_SESSIONS = {"slots_free", "slots_paid_first", "slots_paid_most"}
ACT = {"act": "create_post", "params": {"title": "t", "body": "b"}}
FETCH = {"id": "f", "fetch": "users", "limit": 1}


def test_the_table_is_the_one_of_the_design():
    assert {name: (row.automation, row.superpower) for name, row in LIMITS.items()} == TABLE
    assert limit("automation", "template_nesting") == LITERAL_NESTING


def test_a_profile_that_does_not_exist_gets_the_stricter_limit():
    assert limit("nonsense", "flows") == 10
    assert limit("nonsense", "steps") == 20


@pytest.mark.parametrize("profile", PROFILES)
def test_a_plan_carries_the_limits_of_its_profile(profile):
    plan = compile_definition(app(profile), CATALOGUE)
    assert plan.limits == bound_limits(profile)
    assert plan.limits.seconds == limit(profile, "seconds")
    assert plan.limits.items_per_loop == limit(profile, "items_per_loop")
    assert plan.limits.ai_calls == limit(profile, "ai_calls")
    assert plan.limits.emails == limit(profile, "emails")
    assert plan.limits.messages == limit(profile, "messages")


def app(profile, steps=(ACT,), triggers=None, response=None, **flows):
    manual = {"id": "t", "type": "manual", "flow": "main"}
    main = {"steps": list(steps), **({"response": response} if response else {})}
    criteria = {"completion_criteria": "Done", "escalation": {"a": "x", "b": "y"}} if profile == "superpower" else {}
    return {
        "schema_version": "1.1",
        "profile": profile,
        "name": "Limits",
        "description": "At the limit and past it",
        "triggers": triggers or [manual],
        "flows": {"main": main, **flows},
        **criteria,
    }


def codes(definition):
    assert parse(definition).definition == definition
    return {problem.code for problem in validate(definition, CATALOGUE) if problem.severity == "error"}


def fetches(number):
    return [{**FETCH, "id": f"f{index}"} for index in range(number)]


def nested(kind, depth):
    inner = dict(ACT)
    for _ in range(depth):
        arm = {"when": "{{ now }} > today", "steps": [inner]}
        inner = {"branch": [arm]} if kind == "branch" else {"each": [1], "as": "x", "steps": [inner]}
    return [inner]


def scheduled(number, kind="scheduled"):
    own = {"cron": "0 9 * * *"} if kind == "scheduled" else {}
    each = [own if own else {"endpoint": f"e{index}"} for index in range(number)]
    return [{"id": f"t{index}", "type": kind, "flow": "main", **kept} for index, kept in enumerate(each)]


def delayed(delay):
    return [{"id": "t", "type": "delayed", "event": "post.created", "sequence": [{"delay": delay}], "flow": "main"}]


def a_day(times):
    cron = f"{','.join(map(str, range(times)))} 9 * * *"
    return [{"id": "t", "type": "scheduled", "cron": cron, "flow": "main"}]


def many_flows(number):
    return {f"flow{index}": {"steps": [ACT]} for index in range(number - 1)}


BUILD = {
    "flows": lambda profile, number: app(profile, **many_flows(number)),
    "data_steps": lambda profile, number: app(profile, fetches(number)),
    "act_steps": lambda profile, number: app(profile, [ACT] * (number - 1) + nested("each", 1)),
    "steps": lambda profile, number: app(profile, [ACT] * (number - 2) + nested("each", 1)),
    "branch_nesting": lambda profile, number: app(profile, nested("branch", number)),
    "loop_nesting": lambda profile, number: app(profile, nested("each", number)),
    "scheduled_triggers": lambda profile, number: app(profile, triggers=scheduled(number)),
    "scheduled_runs_per_day": lambda profile, number: app(profile, triggers=a_day(number)),
    "webhook_triggers": lambda profile, number: app(profile, triggers=scheduled(number, "webhook")),
    "ui_blocks": lambda profile, number: app(profile, response={"ui": [{"type": "text"}] * number}),
    "delay_hours": lambda profile, number: app(profile, triggers=delayed(number * 3600)),
}
CODES = {
    "flows": "too_many_flows",
    "data_steps": "too_many_steps",
    "act_steps": "too_many_steps",
    "steps": "too_many_steps",
    "branch_nesting": "nested_too_deep",
    "loop_nesting": "nested_too_deep",
    "scheduled_triggers": "too_many_triggers",
    "scheduled_runs_per_day": "too_many_starts",
    "webhook_triggers": "too_many_triggers",
    "ui_blocks": "too_many_ui_blocks",
    "delay_hours": "delay_too_long",
}


def test_every_limit_is_held_somewhere():
    assert BUILD.keys() | HERE | ELSEWHERE.keys() | WITH_SESSIONS == LIMITS.keys()
    assert all((Path(__file__).parents[1] / file).exists() for file in ELSEWHERE.values())


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", BUILD)
def test_a_limit_is_accepted_and_one_past_it_is_refused(profile, name):
    most = limit(profile, name)
    if most is None:
        assert codes(BUILD[name](profile, 19)) == set()
        return
    assert codes(BUILD[name](profile, most)) == set()
    assert codes(BUILD[name](profile, most + 1)) == {CODES[name]}


def test_a_pause_counts_against_the_longest_delay_of_a_superpower():
    assert codes(app("superpower", [{"pause": {"for": "168h"}}])) == set()
    assert codes(app("superpower", [{"pause": {"for": 168 * 3600 + 1}}])) == {"delay_too_long"}
    assert codes(app("automation", [{"pause": {"for": "60d"}}])) == set()


def test_waiting_for_a_reply_is_for_superpowers():
    steps = [{"pause": {"for_reply": {"prompt": "Yes?"}}}]
    assert codes(app("superpower", steps)) == set()
    assert codes(app("automation", steps)) == {"not_in_profile"}


@pytest.mark.parametrize("kind", ["keyword", "phrase", "intent"])
def test_chat_triggers_are_for_superpowers(kind):
    triggers = [{"id": "t", "type": kind, "phrases": ["go"], "flow": "main"}]
    assert codes(app("superpower", triggers=triggers)) == set()
    assert codes(app("automation", triggers=triggers)) == {"not_in_profile"}


def test_a_superpower_has_two_escalation_rules_at_least():
    definition = app("superpower")
    assert codes(definition) == set()
    assert codes({**definition, "escalation": {"a": "x"}}) == {"missing_escalation"}


def told(profile, *steps):
    return {problem.message for problem in validate(app(profile, steps), CATALOGUE) if problem.code == "limit_reached"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_loop_over_more_items_than_it_handles_is_told(profile):
    def over(items):
        return told(profile, {**FETCH, "limit": items}, {"each": "{{ f }}", "as": "x", "steps": [ACT]})

    most = limit(profile, "items_per_loop")
    assert over(most) == set()
    assert over(most + 1) == {f"There may be {most + 1:,} items; a run handles the first {most:,} and says so."}


EMAIL = {"act": "send_email", "params": {"to": "a@example.com", "subject": "s", "body": "b"}}
AI = {"act": "ai_generate", "params": {"prompt": "p"}}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("name", "words", "act"), [("emails", "e-mails", EMAIL), ("ai_calls", "AI calls", AI)])
def test_a_worst_run_that_wants_more_than_it_may_have_is_told(profile, name, words, act):
    def wanted(times):
        return told(profile, {**FETCH, "limit": times}, {"each": "{{ f }}", "as": "x", "steps": [act]})

    most = limit(profile, name)
    assert wanted(most) == set()
    assert wanted(most + 1) == {f"A run may want {most + 1:,} {words}; it is stopped after {most:,}."}


def test_schedules_that_fill_different_days_do_not_add_up():
    def weekly(day, times, name):
        return {**a_day(times)[0], "id": name, "cron": a_day(times)[0]["cron"].replace("* * *", f"* * {day}")}

    apart = [weekly("1", 3, "a"), weekly("2", 3, "b")]
    assert codes(app("superpower", triggers=apart)) == set()
    assert codes(app("superpower", triggers=[weekly("1", 3, "a"), weekly("1,4", 3, "b")])) == {"too_many_starts"}
    leap = [{**a_day(3)[0], "cron": "0,1,2 9 29 2 *"}, weekly("4", 3, "b")]
    assert codes(app("superpower", triggers=leap)) == {"too_many_starts"}


@pytest.mark.parametrize("profile", PROFILES)
def test_tasks_and_state_that_cannot_fit_are_told_before_a_run_meets_them(profile):
    task = {"act": "schedule_task", "params": {"flow": "main", "delay": "168h"}}
    most = limit("superpower", "pending_tasks")
    assert told(profile, {"each": list(range(most)), "as": "x", "steps": [task]}) == set()
    assert told(profile, {"each": list(range(most + 1)), "as": "x", "steps": [task]})
    assert codes(app(profile, [{**task, "params": {"flow": "main", "delay": 168 * 3600 + 1}}])) == {"delay_too_long"}

    def kept(size):
        return codes(app(profile, [{"act": "state_update", "params": {"data": {"k": ["x" * 60_000, "x" * size]}}}]))

    rest = limit("superpower", "state_bytes") - len('{"k":["' + "x" * 60_000 + '",""]}')
    assert kept(rest) == set()
    assert kept(rest + 1) == {"state_too_large"}
