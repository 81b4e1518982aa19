"""Whole definitions: the sound ones are accepted, of the others every fault is reported with its place.

Beside each file of `tests/definitions/invalid` stands a `.problems` file: one line `code path` for each problem.
"""

from pathlib import Path

import pytest

from apps_engine.language.compile import compile_definition
from apps_engine.language.jsontext import MAX_DEFINITION_BYTES
from apps_engine.language.parse import parse
from apps_engine.language.problems import has_errors
from apps_engine.language.validate import CODES, validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("LNG-05")

DEFINITIONS = Path(__file__).parents[2] / "definitions"
VALID = sorted((DEFINITIONS / "valid").glob("*.json"))
INVALID = sorted((DEFINITIONS / "invalid").glob("*.json"))


def problems_of(source):
    parsed = parse(source)
    if parsed.definition is None:
        return parsed.problems
    return [*parsed.problems, *parsed.locate(validate(parsed.definition, CATALOGUE))]


def short(body, title="t"):
    act = {"type": "create_post", "title": title, "body": body}
    return {"name": "Large", "description": "x", "trigger": {"type": "manual"}, "actions": [act]}


# Too large to be kept as files.
LARGE = {
    "too_large": '{"name": "' + "x" * MAX_DEFINITION_BYTES + '"}',
    "template_too_long": short("x" * 65_537),
    "too_many_operations": short("{{ 1 + 1 }}" * 2_001),
    "result_too_long": short("{{ '" + "a" * 1_100 + "' | replace: 'a', '" + "b" * 1_000 + "' }}"),
    "state_too_large": {**short("x"), "actions": [{"type": "state_update", "data": {"notes": ["x" * 60_000] * 2}}]},
    "text_too_long": short("{{ '' | pad_left: 262145, 'x' | initials }}"),
    "too_much_work": short("{{ '" + "a," * 5_000 + "' | split: ','" + " | reverse" * 13 + " | length | to_text }}"),
    "list_too_long": short("{{ '" + "a," * 10_001 + "' | split: ',' | length | to_text }}"),
}


@pytest.mark.requirement("LNG-08")
@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_sound_definition_is_accepted_and_compiles(path):
    problems = problems_of(path.read_bytes())
    assert not has_errors(problems), problems
    assert {problem.code for problem in problems} <= {"deprecated"}
    assert compile_definition(parse(path.read_bytes()).definition, CATALOGUE).flows


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_problem_is_reported_at_once_with_its_place(path):
    found = sorted(f"{problem.code} {problem.path}".rstrip() for problem in problems_of(path.read_bytes()))
    assert found == sorted(path.with_suffix(".problems").read_text().splitlines())


def test_thirty_different_faults_are_reported_at_once_each_with_a_way_out():
    problems = problems_of((DEFINITIONS / "invalid" / "thirty_faults.json").read_bytes())
    errors = [problem for problem in problems if problem.severity == "error"]
    assert len({problem.code for problem in errors}) >= 30
    assert all(problem.message and problem.hint and problem.path for problem in errors)


@pytest.mark.parametrize("code", LARGE)
def test_what_is_too_large_is_refused(code):
    assert code in {problem.code for problem in problems_of(LARGE[code])}


def test_every_documented_code_is_reported_for_some_definition_and_no_other_is():
    sources = [*(path.read_bytes() for path in INVALID), *LARGE.values()]
    reported = {problem.code for source in sources for problem in problems_of(source)}
    assert reported == set(CODES)


def test_every_code_is_documented_in_a_sentence():
    assert all(code.meaning.endswith(".") for code in CODES.values())
