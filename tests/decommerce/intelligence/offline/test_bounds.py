"""Hostile material costs no time: everything is linear, and bounded where it begins (SEC-03)."""

from __future__ import annotations

import time

import pytest

from decommerce.intelligence.analyses import schema_of
from decommerce.intelligence.offline.offline_model import OfflineModel
from decommerce.intelligence.port import Analysis, Material, ModelRequest, Task
from decommerce.intelligence.schema import answer_schema

pytestmark = pytest.mark.requirement("SEC-03")

SECONDS = 3.0
MANY = 50_000
FIELDS = {
    "string": ("title", "summary", "date", "email", "destination", "reason", "language"),
    "number": ("total", "people", "days", "score"),
    "array": ("urgent", "topics", "items", "tasks", "links", "amounts", "dates"),
    "boolean": ("is_spam", "is_urgent"),
}
PROPERTIES = {name: {"type": kind} for kind, names in FIELDS.items() for name in names}
SCHEMA = answer_schema({"type": "object", "properties": PROPERTIES})


def deep(levels: int) -> dict:
    """Objects in each other."""
    value: dict = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "written",
    [
        "." * MANY + "x",
        "a'" * MANY,
        "a" + " " * MANY + "b",
        "<" * MANY,
        "&" * MANY,
        "a: " * MANY,
        "a@" * MANY,
        "$1," * MANY,
        "1" * MANY,
        "1 x 1.00\n" * MANY,
        "http://" * MANY,
        "May 1, " * MANY,
        '."' * MANY,
        "can you " * MANY,
        ["x" * 10] * 10_000,
        {f"k{number}": number for number in range(20_000)},
        deep(60),
    ],
    ids=lambda written: repr(written)[:20],
)
def test_no_material_takes_long(written):
    model, material = OfflineModel(), (Material("input", written),)
    began = time.process_time()
    model.answer(ModelRequest(task=Task.EXTRACT, material=material, schema=SCHEMA))
    model.answer(ModelRequest(task=Task.ANALYZE, material=material, schema=schema_of(Analysis.CUSTOM)))
    model.answer(ModelRequest(task=Task.GENERATE, instructions="Recap", material=material))
    assert time.process_time() - began < SECONDS
