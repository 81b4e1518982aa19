"""What only the platform can tell of a definition: its actions judge what is written out for them (LNG-05)."""

from __future__ import annotations

import pytest

from apps_engine.language.validate.codes import SERVICE_CODES
from apps_engine.services.definitions import check
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
