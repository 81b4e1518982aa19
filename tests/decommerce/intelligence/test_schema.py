"""Schemas of answers, as authors write them: bounded, closed, and of a kind that can be kept to."""

from __future__ import annotations

import time

import pytest

from decommerce.intelligence.constrained import constrained
from decommerce.intelligence.errors import SchemaRefused
from decommerce.intelligence.sample import empty, sample
from decommerce.intelligence.schema import MAX_BYTES, MAX_DEPTH, MAX_PROPERTIES, answer_schema, faults

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
