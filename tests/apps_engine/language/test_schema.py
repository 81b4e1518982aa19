"""The published JSON Schema: an editor and a model learn from it what there is."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from apps_engine.language.authoring import authoring_schema, inlined
from apps_engine.language.catalogue import Catalogue, FieldSpec, FieldType
from apps_engine.language.parse import parse
from apps_engine.language.schema import definition_schema
from apps_engine.language.transforms import TRANSFORMS
from tests.apps_engine.language.catalogue_fixture import CATALOGUE
from tests.apps_engine.language.generated import definitions

VALID = sorted((Path(__file__).parents[2] / "definitions" / "valid").glob("*.json"))
SCHEMA = definition_schema(CATALOGUE)
VALIDATOR = Draft202012Validator(SCHEMA)


def errors(definition):
    return [error.message for error in VALIDATOR.iter_errors(definition)]


def app(*steps, **definition):
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "x",
        "triggers": [{"id": "t", "type": "manual", "flow": "main"}],
        "flows": {"main": {"steps": list(steps)}},
        **definition,
    }


def test_it_is_a_schema_of_draft_2020_12():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_it_accepts_every_sound_definition(path):
    assert errors(parse(path.read_bytes()).definition) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(definitions())
def test_it_accepts_generated_definitions(definition):
    assert errors(definition) == []


ACT = {"act": "award_xp", "params": {"member_id": "{{ x }}", "amount": "{{ y }}", "reason": "z"}}


@pytest.mark.parametrize(
    "definition",
    [
        app({"fetch": "user"}),
        app({"fetch": "users", "fields": ["emial"]}),
        app({"fetch": "users", "order_by": ["badges"]}),
        app({"act": "nothing", "params": {}}),
        app({"act": "award_xp", "params": {"member_id": "seven"}}),
        app({"act": "award_xp", "params": {"who": 1}}),
        app({"transform": "srot", "params": {}}),
        app({"transform": "limit", "from": "{{ x }}", "params": {"count": -1}}),
        app({"each": "{{ x }}", "as": "y", "steps": [{"act": "nothing"}]}),
        app({"branch": [{"steps": [{"fetch": "nothing"}]}]}),
        app({**ACT, "fetch": "users"}),
        app({"wait": "2h"}),
        app(),
        app(ACT, triggers=[{"id": "t", "type": "timer", "flow": "main"}]),
        app(ACT, triggers=[{"id": "t", "type": "scheduled", "flow": "main"}]),
        app(ACT, colour="red"),
    ],
)
def test_it_refuses_what_the_catalogue_does_not_have(definition):
    assert errors(definition)


def test_a_template_may_stand_for_any_parameter():
    assert errors(app(ACT)) == []


def test_every_step_trigger_and_parameter_is_described():
    for kind in SCHEMA["$defs"]["step"]["allOf"]:
        assert kind["then"]["description"]
    for name, part in SCHEMA["properties"].items():
        assert part.get("description") or name in ("triggers", "flows", "states", "version", "profile"), name


def test_names_are_listed_with_what_they_mean():
    (fetch,) = [kind["then"] for kind in SCHEMA["$defs"]["step"]["allOf"] if kind["if"] == {"required": ["fetch"]}]
    assert fetch["properties"]["fetch"]["enum"] == ["comments", "posts", "shopify_orders", "users"]
    assert "The members of the community" in fetch["properties"]["fetch"]["description"]


def test_a_new_block_is_in_the_schema_at_once():
    users = CATALOGUE.connectors["users"]
    wallets = replace(
        users, name="wallets", summary="What members own", fields=(FieldSpec("coins", FieldType.INTEGER),)
    )
    pay = replace(CATALOGUE.actions["award_xp"], name="pay", summary="Pay a member")
    grown = Catalogue(
        {**CATALOGUE.connectors, "wallets": wallets}, {**CATALOGUE.actions, "pay": pay}, dict(CATALOGUE.events)
    )
    validator = Draft202012Validator(definition_schema(grown))
    steps = [{"fetch": "wallets", "fields": ["coins"]}, {**ACT, "act": "pay"}]
    assert validator.is_valid(app(*steps))
    assert not validator.is_valid(app({"fetch": "wallets", "fields": ["email"]}))
    assert not validator.is_valid(app({"act": "pay", "params": {}}))
    assert not VALIDATOR.is_valid(app(*steps))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_is_in_the_schema(name):
    (kind,) = [kind["then"] for kind in SCHEMA["$defs"]["step"]["allOf"] if kind["if"] == {"required": ["transform"]}]
    assert name in kind["properties"]["transform"]["enum"]
    assert [case for case in kind["allOf"] if case["if"]["properties"]["transform"] == {"const": name}]


def test_references_inside_a_parameter_schema_are_resolved():
    schema = {
        "type": "object",
        "properties": {"to": {"$ref": "#/$defs/To", "description": "Whom"}, "text": {"type": "string"}},
        "$defs": {"To": {"enum": ["a"]}},
    }
    assert inlined(schema)["properties"]["to"] == {"enum": ["a"], "description": "Whom"}
    written = authoring_schema(schema)
    assert written["properties"]["to"] == {
        "description": "Whom",
        "anyOf": [{"enum": ["a"]}, {"$ref": "#/$defs/template"}],
    }
    assert written["properties"]["text"] == {"type": "string"}


def test_a_schema_that_contains_itself_ends():
    schema = {"$defs": {"Tree": {"properties": {"child": {"$ref": "#/$defs/Tree"}}}}, "$ref": "#/$defs/Tree"}
    Draft202012Validator.check_schema(inlined(schema))
