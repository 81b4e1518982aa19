"""What an admin may choose, and what a file must say of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from apps_engine.starters import STARTERS, defaults, faults
from apps_engine.starters.shelf import StarterFileError, read
from apps_engine.starters.starter import Parameter

DIGEST = STARTERS["weekly-digest"]


def chosen(**parameters: Any) -> list[tuple[str, str]]:
    """The faults of the digest with these parameters: path and code."""
    return [(fault.path, fault.code) for fault in faults(DIGEST, {**defaults(DIGEST), **parameters})]


def test_the_defaults_have_no_fault():
    assert chosen() == []


def test_the_time_zone_is_that_of_the_community():
    assert defaults(DIGEST, "Europe/Zurich")["timezone"] == "Europe/Zurich"


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"posts": 21}, "/posts"),
        ({"posts": 0}, "/posts"),
        ({"posts": "five"}, "/posts"),
        ({"posts": True}, "/posts"),
        ({"posts": Decimal("2.5")}, "/posts"),
        ({"posts": None}, "/posts"),
        ({"weekday": "Monday"}, "/weekday"),
        ({"subject": ""}, "/subject"),
        ({"subject": "x" * 121}, "/subject"),
        ({"subject": ["a"]}, "/subject"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
    ],
)
def test_what_does_not_fit_is_told_with_its_path(parameters, path):
    assert [at for at, _ in chosen(**parameters)] == [path]


def test_every_fault_is_told_at_once():
    assert {path for path, _ in chosen(posts=99, hour=24, subject="")} == {"/posts", "/hour", "/subject"}


def test_a_parameter_that_there_is_not_is_a_fault():
    assert len(chosen(nobody=1)) == 1


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize(
    "text",
    [
        "Hello {{ tenant.name }}",
        "{{",
        "{% if x %}",
        "ends with {",
        "{{ members | map: 'email' | join: ',' }}",
        "{{{",
    ],
)
def test_a_text_never_becomes_a_template(text):
    assert chosen(subject=text) == [("/subject", "code_in_parameter")]


@pytest.mark.parametrize("text", ["a } b", "}}", "100 % {sure}", "<<posts>>", "'; drop table", "a { b", "\\n"])
def test_braces_and_quotes_that_mean_nothing_are_taken_as_they_are(text):
    assert chosen(subject=text) == []


NUMBER = {"type": "integer", "title": "Days", "description": "How many.", "default": 7, "minimum": 1, "maximum": 9}
TEXT = {"type": "string", "title": "Text", "description": "Some.", "default": "x", "maxLength": 9}


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (NUMBER, {"maximum": None}),
        (NUMBER, {"minimum": None}),
        (TEXT, {"maxLength": None}),
        (TEXT, {"enum": ["a", "b"], "labels": ["A"]}),
        (TEXT, {"format": "poetry"}),
        (TEXT, {"pattern": "^x"}),
        (TEXT, {"type": "array"}),
    ],
)
def test_a_file_says_the_bounds_of_each_parameter(base, change):
    Parameter.model_validate(base)
    with pytest.raises(ValidationError):
        Parameter.model_validate({**base, **change})


def test_a_file_is_named_after_its_starter(tmp_path):
    path = tmp_path / "other-name.json"
    path.write_text(DIGEST.model_dump_json(by_alias=True, exclude_unset=True))
    with pytest.raises(StarterFileError, match="weekly-digest"):
        read(path)
