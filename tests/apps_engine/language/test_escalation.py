"""Rules for failures are filled in by the operations that an app uses (RUN-11)."""

import pytest

from apps_engine.language.escalation import FAILURES, called_for, completed
from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("RUN-11")

SEARCH = {"id": "mails", "act": "gmail_search", "params": {"query": "is:unread"}}
SORT = {"act": "llm_extract", "params": {"input": "{{ mails }}", "output_schema": {"type": "object"}}}
POST = {"act": "create_post", "params": {"title": "t", "body": "b"}}
HOOK = {"act": "webhook", "params": {"url": "https://hooks.example.com/x"}}
ASK = {"pause": {"for_reply": {"prompt": "Which?"}}}


def app(*steps, **more):
    return {
        "schema_version": "1.1",
        "profile": "superpower",
        "name": "Rules",
        "completion_criteria": "Done",
        "triggers": [{"id": "t", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": list(steps)}},
        "permissions": {"oauth": ["gmail"], "domains": ["hooks.example.com"]},
        **more,
    }


@pytest.mark.parametrize(
    ("steps", "rules"),
    [
        ([POST], []),
        ([SEARCH], ["on_oauth_failure", "on_empty_result", "on_rate_limit"]),
        ([SORT], ["on_rate_limit", "on_llm_extraction_failure"]),
        ([HOOK], ["on_rate_limit"]),
        ([POST, POST], ["on_partial_failure"]),
        ([ASK], ["on_ambiguous_input"]),
        ([{"each": [1], "as": "x", "steps": [SEARCH]}], ["on_oauth_failure", "on_empty_result", "on_rate_limit"]),
        ([{"branch": [{"steps": [POST]}, {"steps": [ASK]}]}], ["on_ambiguous_input"]),
        ([SEARCH, SORT, ASK], [*FAILURES]),
    ],
)
def test_the_operations_call_for_rules(steps, rules):
    assert called_for(app(*steps), CATALOGUE) == rules


def test_a_trigger_that_guesses_what_is_meant_calls_for_a_question():
    intent = [{"id": "t", "type": "intent", "phrases": ["scan"], "flow": "main"}]
    assert called_for(app(POST, triggers=intent), CATALOGUE) == ["on_ambiguous_input"]


def test_the_authors_own_words_stay():
    made = completed(app(SEARCH, escalation={"on_empty_result": "All quiet."}), CATALOGUE)
    assert made["escalation"]["on_empty_result"] == "All quiet."
    assert made["escalation"]["on_oauth_failure"] == FAILURES["on_oauth_failure"].text


def test_a_superpower_that_is_completed_has_the_two_rules_that_it_needs():
    bare = app(SEARCH)
    assert "missing_escalation" in {problem.code for problem in validate(bare, CATALOGUE)}
    found = {problem.code for problem in validate(completed(bare, CATALOGUE), CATALOGUE)}
    assert not found & {"missing_escalation", "unused_rule", "too_long"}


def test_every_printed_key_of_the_specification_has_words():
    printed = "on_oauth_failure on_empty_result on_ambiguous_input on_rate_limit on_partial_failure"
    assert {*printed.split(), "on_llm_extraction_failure"} == {*FAILURES}
    assert all(failure.fires.endswith(".") and failure.text.endswith(".") for failure in FAILURES.values())


def test_completing_changes_nothing_else_and_not_the_given_definition():
    definition = app(SEARCH)
    made = completed(definition, CATALOGUE)
    assert "escalation" not in definition
    assert {key: part for key, part in made.items() if key != "escalation"} == definition
    assert parse(made).definition == made
