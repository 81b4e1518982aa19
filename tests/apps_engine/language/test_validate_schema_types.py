"""What a JSON Schema says about a value, and whose text is in it (LNG-09)."""

import pytest

from apps_engine.language.kinds import Kind
from apps_engine.language.schema_types import of_schema

pytestmark = pytest.mark.requirement("LNG-09")
TEXT = {"type": "string"}


def obj(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def test_kinds_follow_from_the_types():
    kinds = {
        name: of_schema({"type": name}).kind for name in ("string", "integer", "number", "boolean", "array", "object")
    }
    assert list(kinds.values()) == [Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.BOOLEAN, Kind.LIST, Kind.OBJECT]
    assert of_schema({"type": "string", "format": "date-time"}).kind is Kind.INSTANT
    assert of_schema({"type": ["string", "integer"]}).kind is Kind.ANY


@pytest.mark.parametrize("schema", [{"type": ["string", "null"]}, {"anyOf": [TEXT, {"type": "null"}]}])
def test_null_is_known(schema):
    assert of_schema(schema).nullable
    assert of_schema(schema).kind is Kind.TEXT


def test_untrusted_paths_reach_into_objects_and_lists():
    schema = obj(post=obj(title=TEXT, id={"type": "integer"}), comments={"type": "array", "items": obj(body=TEXT)})
    found = of_schema(schema, frozenset({"post.title", "comments.body"}))
    assert found.fields["post"].fields["title"].untrusted
    assert not found.fields["post"].fields["id"].tainted
    assert found.fields["post"].tainted
    assert found.fields["comments"].element.fields["body"].untrusted


def test_everything_below_an_untrusted_object_is_untrusted():
    found = of_schema(obj(meta=obj(a=obj(b=TEXT))), frozenset({"meta"}))
    assert found.fields["meta"].fields["a"].fields["b"].untrusted


def test_untrusted_text_where_the_schema_does_not_look_taints_the_whole():
    choice = {"anyOf": [obj(a=obj(text=TEXT)), obj(b=TEXT)]}
    found = of_schema(obj(either=choice, loose={"type": "object"}), frozenset({"either.a.text", "loose.text"}))
    assert found.fields["either"].tainted
    assert found.fields["either"].member("b").untrusted
    assert found.fields["loose"].member("text").untrusted


def test_a_listed_value_is_nobodys_text():
    assert not of_schema({"enum": ["a", "b"]}, frozenset({""})).tainted
    assert not of_schema(obj(label={"type": "string", "enum": ["a"]}), frozenset({""})).fields["label"].tainted
    assert of_schema(obj(label=TEXT), frozenset({""})).fields["label"].tainted


@pytest.mark.parametrize(
    "schema", [None, 3, [], {"type": {}}, {"properties": []}, {"properties": {"a": 1}}, {"items": 2}]
)
def test_what_is_no_schema_is_unknown_and_no_exception(schema):
    assert of_schema(schema).open or of_schema(schema).fields
