"""The schema of an app's inputs is a stranger's document: it reaches nothing and doubles nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from apps_engine.language.inputs import DIALECT, FORMATS, format_hint, inputs_validator, references
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

DRAFT_4 = "http://json-schema.org/draft-04/schema#"


class Inside(BaseHTTPRequestHandler):
    """A service inside the network, which notes who asks."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"const": "an inside fact"}')

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def inside() -> Iterator[str]:
    Inside.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Inside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def disguised(address: str) -> list[dict]:
    """Schemas whose references lead to themselves in one dialect, and to the address in another."""
    place = f"{address}fact"
    known = {"$defs": {"x": {"$id": place}}}
    return [
        {"$schema": DRAFT_4, "type": "object", "properties": {"a": {"$ref": place}}, **known},
        {"$schema": DRAFT_4, "id": address, "properties": {"a": {"$ref": "fact"}}, "$defs": {"x": {"$id": "fact"}}},
        {"$schema": place, "type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": {"$id": place, "$schema": place, "type": "string"}}},
    ]


def problems_of(inputs: dict) -> list[tuple[str, str]]:
    step = {"id": "say", "act": "send_notification", "params": {"to": "admins", "title": "Hello"}}
    definition = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "An app",
        "description": "What it is for.",
        "inputs": inputs,
        "triggers": [{"id": "start", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": [step]}},
    }
    found = validate(definition, CATALOGUE)
    return [(problem.path, problem.code) for problem in found if problem.code == "bad_inputs"]


@pytest.mark.requirement("SEC-02")
def test_judging_and_using_a_schema_of_inputs_fetches_nothing(inside):
    for schema in disguised(inside):
        assert problems_of(schema), schema
        list(inputs_validator(schema).iter_errors({"a": 1}))
    assert Inside.asked == []


@pytest.mark.requirement("SEC-03")
def test_references_that_double_the_work_are_refused():
    twice = {f"a{level}": {"allOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(40)}
    schema = {"type": "object", "$ref": "#/$defs/a0", "$defs": {**twice, "a40": {"type": "object"}}}
    assert ("/inputs/$ref", "bad_inputs") in problems_of(schema)


def test_a_property_may_bear_the_name_of_a_keyword():
    schema = {"$schema": DIALECT, "type": "object", "properties": {"$ref": {"type": "string"}, "$id": True}}
    assert list(references(schema)) == []
    assert problems_of(schema) == []


@pytest.mark.parametrize("known", FORMATS)
def test_a_text_is_held_to_the_format_of_its_schema_and_the_fault_shows_how_it_is_written(known):
    judge = inputs_validator({"type": "string", "format": known})
    assert judge.is_valid(FORMATS[known])
    (fault,) = judge.iter_errors("no such thing!")
    assert format_hint(fault) == f"Write it like {FORMATS[known]}."


def test_a_format_that_nobody_would_check_is_refused_at_its_place():
    schema = {"type": "object", "properties": {"when": {"type": "string", "format": "day"}, "format": {"enum": ["x"]}}}
    assert problems_of(schema) == [("/inputs/properties/when/format", "bad_inputs")]
