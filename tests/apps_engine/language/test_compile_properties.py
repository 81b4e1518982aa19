"""What holds for every definition: checking never raises, and what it accepts compiles (LNG-05)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps_engine.language.compile import compile_definition
from apps_engine.language.parse import parse
from apps_engine.language.plan import Plan
from apps_engine.language.problems import has_errors
from apps_engine.language.report import report
from apps_engine.language.validate import CODES, validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE
from tests.apps_engine.language.generated import JSON, broken, definitions

pytestmark = pytest.mark.requirement("LNG-05")
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def check(document):
    parsed = parse(document)
    problems = list(parsed.problems)
    if parsed.definition is not None:
        problems += validate(parsed.definition, CATALOGUE)
    return parsed, problems


def accepted_means_runnable(document):
    parsed, problems = check(document)
    if parsed.definition is None or has_errors(problems):
        return False
    assert isinstance(compile_definition(parsed.definition, CATALOGUE), Plan)
    told = report(parsed.definition, CATALOGUE)
    assert all(sentence.endswith(".") for sentence in told.sentences())
    assert told.as_dict()
    return True


@THOROUGH
@given(definitions())
def test_a_sound_definition_is_accepted_compiles_and_can_be_told(document):
    _, problems = check(document)
    assert [p for p in problems if p.severity == "error"] == []
    assert accepted_means_runnable(document)


@THOROUGH
@given(broken())
def test_whatever_is_accepted_compiles_however_a_definition_was_broken(document):
    accepted_means_runnable(document)


@THOROUGH
@given(st.dictionaries(st.sampled_from(["name", "trigger", "actions", "pipeline", "flows", "triggers"]), JSON))
def test_checking_never_raises_whatever_the_document(document):
    accepted_means_runnable(document)


@THOROUGH
@given(broken())
def test_every_problem_has_a_documented_code_a_message_and_a_place_in_the_document(document):
    parsed, _ = check(document)
    if parsed.definition is None:
        return
    for problem in parsed.locate(validate(parsed.definition, CATALOGUE)):
        assert problem.code in CODES
        assert problem.severity == CODES[problem.code].severity
        assert problem.message
        assert exists(document, problem.path), problem


def exists(tree, pointer):
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(tree, list):
            if not key.isdigit() or int(key) >= len(tree):
                return False
            tree = tree[int(key)]
        elif isinstance(tree, dict) and key in tree:
            tree = tree[key]
        else:
            return False
    return True
