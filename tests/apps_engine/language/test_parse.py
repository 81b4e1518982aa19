"""Reading a document: size, depth, broken JSON, schema versions; never an exception (LNG-05, APP-10)."""

import pytest

from apps_engine.language.jsontext import MAX_DEFINITION_BYTES
from apps_engine.language.migrate import CURRENT, migrate
from apps_engine.language.parse import parse
from apps_engine.language.problems import Problem

pytestmark = pytest.mark.requirement("LNG-05")


def only_problem(source):
    parsed = parse(source)
    assert parsed.definition is None
    (problem,) = parsed.problems
    return problem


@pytest.mark.parametrize("source", ['{"name": "x"}', b'{"name": "x"}', {"name": "x"}])
def test_text_bytes_and_objects_are_read_alike(source):
    assert parse(source).definition == {"name": "x", "schema_version": CURRENT, "profile": "automation"}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{", "json_syntax"),
        ("[]", "not_an_object"),
        ("null", "not_an_object"),
        ('"text"', "not_an_object"),
        (b"\xff", "not_utf8"),
        ({"a": float("nan")}, "not_json"),
        ({"a": {1, 2}}, "not_json"),
        ({"a": "\ud800"}, "lone_surrogate"),
        ({"a": "\x00"}, "nul_character"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_exception(source, code):
    problem = only_problem(source)
    assert problem.code == code
    assert problem.message
    assert problem.hint


def test_objects_that_contain_themselves_are_refused():
    document = {"name": "x"}
    document["self"] = document
    assert only_problem(document).code == "not_json"


def test_the_size_is_accepted_at_the_limit_and_refused_one_past_it():
    frame = len('{"name": ""}')
    assert parse('{"name": "' + "x" * (MAX_DEFINITION_BYTES - frame) + '"}').definition is not None
    assert only_problem('{"name": "' + "x" * (MAX_DEFINITION_BYTES - frame + 1) + '"}').code == "too_large"


def test_ten_megabytes_are_refused_without_reading_them():
    assert only_problem(b"[" * 10_000_000).code == "too_large"


def test_the_authors_object_is_left_as_it_is():
    document = {"actions": [{"id": "a", "operations": [{"type": "gmail_query"}]}]}
    parse(document)
    assert document == {"actions": [{"id": "a", "operations": [{"type": "gmail_query"}]}]}


@pytest.mark.requirement("APP-10")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_current_schema_version_and_the_one_before_are_read(version):
    parsed = parse({"schema_version": version, "name": "x"})
    assert parsed.definition["schema_version"] == "1.1"
    assert parsed.problems == []


@pytest.mark.requirement("APP-10")
@pytest.mark.parametrize("version", ["0.9", "1.2", 1, None, "", ["1.1"]])
def test_another_schema_version_is_refused(version):
    problem = only_problem({"schema_version": version, "name": "x"})
    assert (problem.code, problem.path) == ("unsupported_schema_version", "/schema_version")


@pytest.mark.requirement("APP-10")
def test_a_renamed_operation_is_renamed_wherever_it_stands_and_its_author_is_told():
    operation = {"type": "gmail_query", "query": "x"}
    document = {
        "actions": [
            {"id": "a", "operations": [operation, {"type": "conditional", "condition": "x", "then": [operation]}]},
            {"id": "b", "operations": [{"type": "loop", "items": [1], "operations": [operation]}]},
        ],
    }
    migrated, problems = migrate(document)
    assert "gmail_query" not in repr(migrated)
    assert repr(migrated).count("gmail_search") == 3
    assert {problem.code for problem in problems} == {"deprecated"}
    assert [problem.path for problem in problems] == [
        "/actions/0/operations/0/type",
        "/actions/0/operations/1/then/0/type",
        "/actions/1/operations/0/operations/0/type",
    ]


@pytest.mark.requirement("APP-10")
def test_text_that_merely_names_a_deprecated_operation_is_left_alone():
    document = {
        "name": "gmail_query",
        "actions": [{"type": "create_post", "body": "gmail_query", "params": {"type": "gmail_query"}}],
    }
    migrated, problems = migrate(document)
    assert migrated == {**document, "schema_version": "1.1"}
    assert problems == []


def test_what_is_missing_is_located_at_what_should_hold_it():
    parsed = parse({"trigger": {"type": "cron"}, "actions": [{"type": "a", "to": "x"}]})
    at = {
        "/triggers/0/cron": "/trigger",
        "/flows/main/steps/0/params": "/actions/0",
        "/flows/main/steps/0/params/to": "/actions/0/to",
        "/description": "",
        "/schema_version": "",
    }
    located = parsed.locate([Problem(path, "missing_key", "x") for path in at])
    assert [problem.path for problem in located] == list(at.values())
