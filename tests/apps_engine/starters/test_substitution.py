"""How parameters come into a definition."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps_engine.starters.substitution import UnknownParameter, Use, filled, uses


@pytest.mark.parametrize("value", [7, Decimal("1.50"), True, None, "a text", [1, 2]])
def test_a_parameter_as_a_whole_value_keeps_its_type(value):
    made = filled({"limit": {"$param": "x"}}, {"x": value})
    assert made == {"limit": value}
    assert type(made["limit"]) is type(value)


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7 days"), (Decimal("1E+3"), "1000 days"), (False, "false days"), ("two", "two days")]
)
def test_inside_a_text_it_is_its_text(value, text):
    assert filled(["<<x>> days"], {"x": value}) == [text]


def test_what_a_parameter_holds_is_not_looked_at_again():
    assert filled("<<a>>", {"a": "<<b>> {'$param': 'b'}", "b": "secret"}) == "<<b>> {'$param': 'b'}"


def test_an_object_with_more_than_the_parameter_is_an_object():
    assert filled({"$param": "x", "y": "<<x>>"}, {"x": "z"}) == {"$param": "x", "y": "z"}


def test_the_tree_itself_is_left_as_it_was():
    tree = {"steps": [{"text": "<<x>>"}]}
    filled(tree, {"x": "y"})
    assert tree == {"steps": [{"text": "<<x>>"}]}


@pytest.mark.parametrize("tree", ["<<nobody>>", {"$param": "nobody"}])
def test_a_name_that_is_not_declared_is_an_error(tree):
    with pytest.raises(UnknownParameter, match="nobody"):
        filled(tree, {})


@pytest.mark.parametrize("value", [True, 1, "text", Decimal("0.1")])
def test_an_item_of_a_list_is_there_where_its_parameter_says_so(value):
    assert filled([{"$if": "x", "id": "<<x>>"}, 2], {"x": value})[1:] == [2]
    assert "$if" not in filled([{"$if": "x"}], {"x": value})[0]
    assert filled({"flow": {"$if": "x", "steps": []}}, {"x": value}) == {"flow": {"steps": []}}


@pytest.mark.parametrize("value", [False, 0, "", None, Decimal("0")])
def test_and_is_left_out_where_it_does_not(value):
    assert filled({"steps": [{"$if": "x", "id": "a"}, {"id": "b"}]}, {"x": value}) == {"steps": [{"id": "b"}]}
    assert filled({"flow": {"$if": "x", "steps": []}, "other": {}}, {"x": value}) == {"other": {}}


def test_every_use_is_found_with_whether_it_is_an_expression_there():
    tree = {
        "when": "member.xp > <<a>>",
        "params": {"body": "<<b>> {{ now | date: '<<c>>' }} <<d>>", "limit": {"$param": "e"}},
        "until": {"$param": "f"},
        "steps": [{"$if": "g"}],
    }
    assert list(uses(tree)) == [
        Use("a", "/when", True),
        Use("b", "/params/body", False),
        Use("c", "/params/body", True),
        Use("d", "/params/body", False),
        Use("e", "/params/limit", False),
        Use("f", "/until", True),
        Use("g", "/steps/0/$if", False),
    ]
