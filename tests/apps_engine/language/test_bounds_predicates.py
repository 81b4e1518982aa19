"""The bounds of filter objects (SEC-03)."""

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import PredicateError
from apps_engine.language.predicates import bind, matcher, parse_predicate, read_predicate

pytestmark = pytest.mark.requirement("SEC-03")


def test_the_name_of_a_field_has_200_characters():
    assert parse_predicate({"x" * bounds.FIELD_CHARACTERS: 1})
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"x" * (bounds.FIELD_CHARACTERS + 1): 1})
    assert caught.value.code == "bad_field"


def test_filter_objects_nest_sixteen_times():
    deep = {"a": 1}
    for _ in range(bounds.PREDICATE_DEPTH):
        deep = {"not": deep}
    assert matcher(parse_predicate(deep))({"a": 1}) is True
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"and": [deep]})
    assert caught.value.code == "too_deep"


def test_a_filter_object_that_nests_without_end_is_refused():
    deep = {"a": 1}
    for _ in range(900):
        deep = {"not": deep}
    assert [error.code for error in read_predicate(deep)[1]] == ["too_deep"]


def test_filter_objects_hold_256_comparisons():
    most = [{"a": index} for index in range(bounds.PREDICATE_COMPARISONS)]
    assert matcher(parse_predicate({"or": most}))({"a": 3}) is True
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"or": [*most, {"a": -1}]})
    assert caught.value.code == "too_many_comparisons"
    assert len(read_predicate({"or": most * 20})[1]) == 1


def test_a_list_to_choose_from_has_ten_thousand_items():
    items = list(range(bounds.LIST_ITEMS))
    assert matcher(parse_predicate({"a": items}))({"a": 9_999}) is True
    with pytest.raises(PredicateError):
        parse_predicate({"a": [*items, -1]})
    with pytest.raises(PredicateError):
        bind(parse_predicate({"a": {"in": "{{ xs }}"}}), {"xs": [*items, -1]}, "2026-11-21T09:00:00Z")
