"""What only the platform can tell of a definition: its actions judge what is written out for them (LNG-05)."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps_engine.language.compile import compile_definition
from apps_engine.language.escalation import FAILURES
from apps_engine.language.validate.codes import SERVICE_CODES
from apps_engine.registry import registry
from apps_engine.services.apps import create_app, current_version
from apps_engine.services.definitions import check, check_definition
from apps_engine.services.plans import plan_of
from tests.apps_engine.services.definitions import definition

pytestmark = pytest.mark.requirement("LNG-05")


def found(principal, params, action="calendar_query"):
    source = definition([{"act": action, "params": params}], permissions={"oauth": ["calendar"]})
    return [(problem.code, problem.path) for problem in check(principal, source).problems]


def test_what_an_action_refuses_whatever_a_run_renders_is_refused_when_it_is_saved(scope, principal):
    assert found(principal, {"days": 3}) == []
    assert found(principal, {"days": 3, "to": "2026-01-01"}) == [("invalid_parameter", "/flows/main/steps/0/params")]


def test_what_a_run_renders_is_left_to_the_run(scope, principal):
    assert found(principal, {"days": 3, "to": "{{ now }}"}) == []
    assert found(principal, {"to": "{{ now }}"}) == []


def test_the_codes_that_only_the_platform_reports_are_documented():
    assert all(code.meaning.endswith(".") for code in SERVICE_CODES.values())


SCANNER = {
    "name": "Scanner",
    "description": "Scans the inbox",
    "completion_criteria": "The member knows what is urgent",
    "triggers": [{"type": "manual", "action_id": "scan"}],
    "actions": [
        {
            "id": "scan",
            "oauth_required": ["gmail"],
            "operations": [{"type": "gmail_search", "query": "is:unread", "output": "emails"}],
            "response": {"template": "{{ $op.emails.count }} mails"},
        }
    ],
}


@pytest.mark.requirement("RUN-11")
def test_a_superpower_is_stored_with_the_rules_that_its_operations_call_for(scope, principal):
    checked = check(principal, SCANNER)
    assert checked.valid
    assert "rules_filled_in" in {problem.code for problem in checked.problems}
    app = create_app(principal, SCANNER)
    rules = current_version(app).definition["escalation"]
    assert {"on_oauth_failure", "on_empty_result"} <= rules.keys()
    assert plan_of(current_version(app).pk).escalation == rules


@pytest.mark.requirement("RUN-11")
def test_rules_that_are_all_there_are_left_alone_and_an_automation_gets_none(scope, principal):
    checked = check(principal, {**SCANNER, "escalation": dict.fromkeys(FAILURES, "Say so.")})
    assert "rules_filled_in" not in {problem.code for problem in checked.problems}
    assert check(principal, definition([{"act": "calendar_query", "params": {}}])).definition.get("escalation") is None


VALID = sorted((Path(__file__).parents[2] / "definitions" / "valid").glob("*.json"))


@pytest.mark.requirement("LNG-08")
@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_sound_definition_is_sound_with_the_blocks_that_there_are(path):
    told = {"deprecated", "rules_filled_in", "trigger_not_served"}
    checked = check_definition(path.read_bytes())
    assert checked.valid, checked.problems
    assert {problem.code for problem in checked.problems} <= told
    assert compile_definition(checked.definition, registry.catalogue).flows
