"""Schemas of answers, as authors write them: bounded, closed, and of a kind that can be kept to."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from decommerce.intelligence.constrained import constrained
from decommerce.intelligence.errors import SchemaRefused
from decommerce.intelligence.sample import empty, sample
from decommerce.intelligence.schema import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_OPTIONS,
    MAX_PROPERTIES,
    answer_schema,
    faults,
)

pytestmark = pytest.mark.requirement("ACT-04")


def of(**properties) -> dict:
    """A schema with these properties."""
    return {"type": "object", "properties": properties}


def nested(levels: int) -> dict:
    """A schema of so many levels."""
    schema: dict = {"type": "string"}
    for _ in range(levels - 1):
        schema = of(a=schema)
    return schema


def test_everything_that_is_named_is_required_and_nothing_else_is_admitted():
    schema = answer_schema(of(a={"type": "string"}, b=of(c={"type": "integer"})))
    assert faults({"a": "x", "b": {"c": 1}}, schema) == []
    assert faults({"a": "x"}, schema)
    assert faults({"a": "x", "b": {}}, schema)
    assert faults({"a": "x", "b": {"c": 1}, "more": 1}, schema)


def test_an_object_that_names_nothing_stays_open():
    assert faults({"a": {"any": "thing"}}, answer_schema(of(a={"type": "object"}))) == []


def test_a_fault_says_where_it_is():
    schema = answer_schema(of(rows={"type": "array", "items": of(n={"type": "integer"})}))
    (fault,) = faults({"rows": [{"n": 1}, {"n": "x"}]}, schema)
    assert fault.startswith("rows[1].n: ")


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        {},
        {"type": "object"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "properties": []},
        of(a={"type": "strin"}),
        of(a="string"),
        of(a={"$ref": "#"}),
        of(a={"$ref": "https://example.com/schema"}),
        of(a={"type": "object", "properties": {"b": {"allOf": [{"type": "string"}]}}}),
        of(a={"type": "string", "pattern": "("}),
        of(a={"type": "string", "pattern": "(a{1000}){1000}"}),
        of(a={"anyOf": "string"}),
        of(a={"if": {}, "then": {}}),
    ],
)
def test_what_is_no_schema_of_an_answer_is_refused_with_what_to_do(schema):
    with pytest.raises(SchemaRefused) as refused:
        answer_schema(schema)
    assert refused.value.hint


def test_the_bounds_hold_at_the_limit_and_not_one_past_it():
    answer_schema(nested(MAX_DEPTH))
    with pytest.raises(SchemaRefused):
        answer_schema(nested(MAX_DEPTH + 1))
    answer_schema(of(**{f"p{n}": {"type": "null"} for n in range(MAX_PROPERTIES)}))
    with pytest.raises(SchemaRefused):
        answer_schema(of(**{f"p{n}": {"type": "null"} for n in range(MAX_PROPERTIES + 1)}))
    with pytest.raises(SchemaRefused):
        answer_schema(of(a={"type": "string", "description": "x" * MAX_BYTES}))


@pytest.mark.requirement("SEC-03")
def test_a_pattern_that_would_explode_elsewhere_is_judged_at_once():
    schema = answer_schema(of(a={"type": "string", "pattern": "^(a+)+$"}))
    began = time.perf_counter()
    assert faults({"a": "a" * 50_000 + "!"}, schema)
    assert time.perf_counter() - began < 0.5


SCHEMAS = [
    of(a={"type": "string"}, b={"type": "number"}, c={"type": "integer"}, d={"type": "boolean"}, e={"type": "null"}),
    of(a={"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3}),
    of(a={"type": "array"}, b={"type": "object"}),
    of(a={"enum": ["x", "y"]}, b={"const": 7}, c={"type": ["string", "null"]}),
    of(a={"anyOf": [{"type": "integer"}, {"type": "null"}]}, b={"oneOf": [{"type": "boolean"}]}),
    of(a={"type": "integer", "minimum": 5, "maximum": 9}, b={"type": "number", "exclusiveMaximum": 0}),
    of(a={"type": "integer", "multipleOf": 4}, b={"type": "number", "minimum": 100.5}),
    of(a={"type": "string", "minLength": 30}, b={"type": "string", "maxLength": 3}),
    of(
        **{
            name: {"type": "string", "format": form}
            for name, form in (("a", "date"), ("b", "date-time"), ("c", "email"))
        }
    ),
    of(a={"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["CH"]}),
    of(a=of(b={"type": "array", "items": of(c={"type": "number"})})),
]


@pytest.mark.requirement("RUN-12")
@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_sample_fits_and_is_the_same_each_time(schema):
    closed = answer_schema(schema)
    assert faults(sample(closed), closed) == []
    assert sample(closed) == sample(closed)


@pytest.mark.parametrize("schema", [schema for schema in SCHEMAS if "pattern" not in str(schema)])
def test_an_empty_answer_fits(schema):
    closed = answer_schema(schema)
    assert faults(empty(closed), closed) == []


def test_an_empty_answer_is_null_where_it_may_be():
    assert empty(answer_schema(of(a={"type": ["number", "null"]}, b={"type": "number"}))) == {"a": None, "b": 0}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_providers_form_is_closed_and_has_no_keyword_that_it_does_not_take(schema):
    form = constrained(answer_schema(schema))
    if form is None:
        assert "a" in schema["properties"]
        assert {"type": "array"} in schema["properties"].values()
        return
    refused = {"minimum", "maximum", "minLength", "maxLength", "pattern", "multipleOf", "maxItems", "oneOf", "default"}
    pending = [form]
    while pending:
        part = pending.pop()
        assert not refused & set(part)
        assert isinstance(part.get("type", "any"), str)
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert set(part["required"]) == set(part["properties"])
        pending += [*part.get("properties", {}).values(), *part.get("anyOf", ()), *filter(None, [part.get("items")])]


def least_of(levels: int) -> dict:
    """A list of a thousand lists of a thousand lists, and so on."""
    schema: dict = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema, "minItems": 1_000}
    return schema


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize(
    "part",
    [
        {"type": "string", "minLength": 10**9},
        {"type": "string", "minLength": 10**30},
        {"type": "array", "items": {"type": "string"}, "minItems": 10**9},
        least_of(5),
        {"anyOf": [{"type": "null"}, least_of(3)]},
        {"type": "number", "multipleOf": Decimal("1e-39"), "minimum": 10**39},
        {"type": "number", "maximum": 10**19},
        {"anyOf": [{"type": "string", "pattern": f"^{n}$"} for n in range(MAX_OPTIONS + 1)]},
    ],
)
def test_a_schema_that_asks_for_more_than_there_is_room_for_is_refused(part):
    with pytest.raises(SchemaRefused):
        answer_schema(of(a=part))


def test_what_the_least_answer_may_have_is_filled_in():
    schema = answer_schema(of(a={"type": "string", "minLength": 9_000}, b={"type": "array", "minItems": 500}))
    assert faults(empty(schema), schema) == []


def test_a_whole_number_with_a_point_counts_like_one_without():
    five = Decimal("5.0")
    part = {"type": "array", "items": {"type": "string", "minLength": five, "maxLength": five}, "minItems": five}
    schema = answer_schema(of(a=part))
    assert faults(empty(schema), schema) == []
    assert len(sample(schema)["a"][0]) == 5


@pytest.mark.requirement("SEC-03")
def test_of_a_long_answer_that_does_not_fit_one_fault_is_told_at_once():
    alternatives = [{"type": "string", "pattern": f"^{n}$"} for n in range(MAX_OPTIONS)]
    schema = answer_schema(of(a={"type": "array", "items": {"anyOf": alternatives}}))
    began = time.monotonic()
    assert len(faults({"a": ["x"] * 20_000}, schema)) == 1
    assert time.monotonic() - began < 2
