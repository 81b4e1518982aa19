"""App events whose name only the run knows: any that is permitted, and none where none is (TRG-10)."""

import pytest

from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("TRG-10")

STEPS = [
    {"id": "members", "fetch": "users", "limit": 5},
    {"act": "emit_event", "params": {"event": "level_{{ members | length }}", "data": {}}},
]


def told(**definition):
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Levels",
        "description": "Tells how many there are",
        "triggers": [{"id": "t", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": STEPS}},
        **definition,
    }
    problems = validate(parse(document).definition, CATALOGUE)
    return {(problem.code, problem.path): problem.hint for problem in problems}


def test_it_needs_a_permission_for_some_event():
    found = told()
    assert '"emits"' in found["missing_permission", "/flows/main/steps/1/params/event"]


def test_it_uses_every_event_that_is_permitted():
    found = told(permissions={"emits": ["level_1", "level_2"]})
    assert not {code for code, _ in found} & {"missing_permission", "unused_permission"}
