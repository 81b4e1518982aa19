"""What the app itself says of a failure, by its class (RUN-11)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.runtime.errors import StepError
from apps_engine.runtime.escalation import CLASSES
from apps_engine.runtime.run import Outcome
from apps_engine.services.engine.journal import Journal
from tests.apps_engine.runtime.ports import World, entry, run_flow
from tests.apps_engine.runtime.test_run import plan, tell

pytestmark = pytest.mark.requirement("RUN-11")

RULES = {
    "on_oauth_failure": "Your mailbox is no longer connected. Connect it again?",
    "on_empty_result": "I looked, and there was nothing.",
    "on_rate_limit": "The service is busy; I will not try again today.",
    "on_llm_extraction_failure": "Here are the subjects as they are.",
    "on_ambiguous_input": "Which day do you mean?",
    "on_partial_failure": "Some of it is done, and some is not.",
}
FLAG = {"id": "f", "act": "flag", "params": {}}


def failing(code: str, *before: dict[str, Any], rules: Any = None, **step: Any) -> tuple[Outcome, Journal]:
    """How a run ends whose step `f` fails with that code."""
    world, journal = World(), Journal()
    world.fail = lambda action, params: StepError("It failed.", code=code) if action == "flag" else None
    outcome = run_flow(plan([*before, {**FLAG, **step}], escalation=RULES if rules is None else rules), world, journal)
    return outcome, journal


@pytest.mark.parametrize(("code", "key"), CLASSES.items())
def test_the_rule_of_the_failures_class_speaks(code, key):
    outcome, _ = failing(code)
    assert outcome.escalation == {"key": key, "text": RULES[key]}
    assert outcome.error["code"] == code, "what happened is told all the same"


def test_a_failure_without_a_class_or_a_rule_is_told_as_it_is():
    assert failing("no_such_code")[0].escalation is None
    assert failing("oauth_revoked", rules={})[0].escalation is None


def test_where_something_was_done_before_the_rule_for_that_speaks():
    assert failing("no_such_code", tell("done"))[0].escalation["key"] == "on_partial_failure"
    assert failing("no_such_code", tell("not done", when="1 > 2"))[0].escalation is None
    assert failing("oauth_revoked", tell("done"))[0].escalation["key"] == "on_oauth_failure", "the class comes first"


def test_what_was_done_by_an_earlier_attempt_counts():
    world, journal = World(), Journal()
    world.fail = lambda action, params: StepError("Away.", retryable=True) if action == "flag" else None
    steps = plan([tell("done", id="t"), FLAG], escalation=RULES)
    run_flow(steps, world, journal)
    world.fail = lambda action, params: StepError("No.") if action == "flag" else None
    assert run_flow(steps, world, journal).escalation["key"] == "on_partial_failure"


@pytest.mark.parametrize("on_error", ["continue", "on_rate_limit"])
def test_what_the_step_says_itself_comes_before_any_class(on_error):
    outcome, journal = failing("oauth_revoked", on_error=on_error)
    assert (outcome.status, outcome.escalation) == ("succeeded", None)
    output = entry(journal, "main/f").output
    assert output.get("escalation") == RULES.get(on_error)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{{ members[0].name }}", "on_empty_result"),
        ("{{ members | first | default: '' }} {{ members[0].name }}", "on_empty_result"),
        ("{{ trigger.nobody }}", None),
    ],
)
def test_a_value_that_is_missing_because_nothing_was_found_is_an_empty_result(text, key):
    steps = [{"id": "members", "fetch": "users", "fields": ["name"], "limit": 5}, tell(text)]
    outcome = run_flow(plan(steps, escalation=RULES), World([]))
    assert outcome.error["code"] == "missing_value"
    assert (outcome.escalation or {}).get("key") == key


def test_a_value_that_is_missing_from_what_was_found_is_none():
    steps = [{"id": "members", "fetch": "users", "fields": ["name"], "limit": 5}, tell("{{ members[7].name }}")]
    assert run_flow(plan(steps, escalation=RULES), World([{"name": "Ada"}])).escalation is None


def test_a_response_that_has_nothing_to_tell_escalates_too():
    flows = {
        "main": {
            "steps": [{"id": "members", "fetch": "users", "fields": ["name"], "limit": 5}],
            "response": {"template": "The best is {{ members[0].name }}"},
        }
    }
    outcome = run_flow(plan([], flows=flows, escalation=RULES), World([]))
    assert (outcome.status, outcome.path) == ("failed", "main/response")
    assert outcome.escalation["key"] == "on_empty_result"


@pytest.mark.requirement("RUN-02")
def test_a_run_that_was_out_of_time_says_that_some_of_it_is_done():
    seconds = iter([0.0] * 6 + [301.0] * 20)
    outcome = run_flow(plan([tell("a"), tell("b"), tell("c")], escalation=RULES), World(seconds=lambda: next(seconds)))
    assert outcome.error["code"] == "limit_seconds"
    assert outcome.escalation["key"] == "on_partial_failure"
