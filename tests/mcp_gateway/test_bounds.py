"""Answers have a bounded size, and say what is missing (MCP-05)."""

from __future__ import annotations

import json

import pytest

from apps_engine.language.jsontext import dumps
from mcp_gateway.answers import answer
from mcp_gateway.bounds import MOST_BYTES, bounded

pytestmark = pytest.mark.requirement("MCP-05")

LARGE = {
    "texts": {"runs": [{"id": 1, "result": "é" * 500_000}]},
    "lists": {"runs": [{"id": number, "steps": [{"output": list(range(500))}] * 20} for number in range(100)]},
    "objects": {"result": {f"key {number}": "x" * 50 for number in range(50_000)}},
    "nested": {"rows": [{"body": "x" * 5_000, "more": {"again": ["y" * 5_000] * 40}} for _ in range(40)]},
}


def test_what_fits_is_left_as_it_is():
    assert bounded({"runs": [1, 2], "cut": "mine"}) == {"runs": [1, 2], "cut": "mine"}


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE)
def test_what_is_too_long_is_cut_and_told(value):
    short = bounded(value)
    assert len(dumps(short).encode()) <= MOST_BYTES
    assert set(short) == {*value, "cut"}
    for cut in short["cut"]:
        assert 0 < cut["kept"] < cut["length"]
        assert cut["path"].startswith("/")


def test_the_beginning_is_what_is_kept():
    short = bounded(LARGE["lists"])
    assert [run["id"] for run in short["runs"]] == list(range(len(short["runs"])))
    assert short["cut"][0] == {"path": "/runs", "what": "items", "kept": len(short["runs"]), "length": 100}


def test_a_definition_is_never_cut():
    definition = {"name": "x" * 90_000, "flows": {"main": {"steps": [{"id": "a"}] * 900}}}
    short = bounded({"definition": definition, "recent_runs": ["y" * 90_000]})
    assert short["definition"] == definition
    assert [cut["path"] for cut in short["cut"]] == ["/recent_runs/0"]


def test_text_and_structure_say_the_same():
    told = answer(LARGE["texts"])
    assert json.loads(told.content[0].text) == told.structured_content
    assert told.structured_content["cut"][0]["length"] == 500_000
