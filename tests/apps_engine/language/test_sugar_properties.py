"""Normalising any document: canonical stays canonical, and every place comes from somewhere."""

import pytest
from hypothesis import HealthCheck, given, settings

from apps_engine.language.jsontext import dumps, loads
from apps_engine.language.parse import parse
from apps_engine.language.pointers import existing, join
from tests.apps_engine.language.generated import JSON, broken, definitions

pytestmark = pytest.mark.requirement("LNG-08")
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def pointers(tree, at=""):
    yield at
    for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from pointers(child, join(at, key))


@MANY
@given(definitions())
def test_a_canonical_definition_is_left_as_it_is(definition):
    parsed = parse(definition)
    assert parsed.definition == loads(dumps(definition)), parsed.problems


@MANY
@given(broken())
def test_normalising_twice_is_normalising_once(document):
    once = parse(document).definition
    if once is not None:
        assert parse(once).definition == once


@MANY
@given(JSON.filter(lambda value: isinstance(value, dict)))
def test_any_object_can_be_normalised_and_every_place_of_it_comes_from_somewhere(document):
    parsed = parse(document)
    if parsed.definition is None:
        return
    assert parse(parsed.definition).definition == parsed.definition
    for pointer in set(pointers(parsed.definition)) - {"/schema_version"}:
        located = parsed.places.locate(pointer)
        assert existing(parsed.document, located) == located
