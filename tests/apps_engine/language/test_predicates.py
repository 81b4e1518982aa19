"""Filter objects against rows: what matches, and why something does not (TRG-02, PIP-06, TRG-11)."""

from decimal import Decimal

import pytest

from apps_engine.language.errors import PredicateError
from apps_engine.language.predicates import (
    All,
    Any_,
    Compare,
    Failure,
    Not,
    bind,
    comparisons,
    first_failure,
    matcher,
    parse_predicate,
    source_of,
)
from apps_engine.language.templates import constant_template

NOW = "2026-11-21T09:00:00Z"
ROW = {
    "status": "active",
    "xp": 120,
    "balance": Decimal("12.50"),
    "verified": True,
    "country": None,
    "tags": ["vip", 3],
    "email": "Ada@acme.com",
    "empty": "",
    "last_active_at": "2026-11-18T10:00:00+01:00",
    "customer": {"email": "ada@acme.com", "address": None},
}


def bound(source, scope=None, now=NOW):
    return bind(parse_predicate(source), scope or {}, now)


def matches(source, row=ROW, scope=None):
    return matcher(bound(source, scope))(row)


@pytest.mark.requirement("TRG-02")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, True),
        ([], True),
        ({"status": "active"}, True),
        ({"status": "Active"}, False),
        ({"status": ["active", "new"]}, True),
        ({"status": []}, False),
        ({"xp": {"gte": 100, "lt": 500}}, True),
        ({"xp": {"gte": 100, "lt": 120}}, False),
        ({"xp": 120.0}, True),
        ({"xp": "120"}, False),
        ({"xp": True}, False),
        ({"balance": {"eq": Decimal("12.5")}}, True),
        ({"balance": {"gt": 12}}, True),
        ({"verified": True}, True),
        ({"verified": 1}, False),
        ({"verified": {"ne": 1}}, True),
        ({"xp": {"gt": "abc"}}, False),
        ({"status": {"gt": "Z"}}, True),
        ({"status": {"in": ["new", "active"]}}, True),
        ({"xp": {"in": [120.0]}}, True),
        ({"xp": {"in": ["120", True]}}, False),
        ({"xp": {"not_in": [1, 2]}}, True),
        ({"tags": {"contains": "vip"}}, True),
        ({"tags": {"contains": 3}}, True),
        ({"tags": {"contains": True}}, False),
        ({"tags": {"not_contains": "vip"}}, False),
        ({"email": {"contains": "acme"}}, True),
        ({"email": {"contains": "ACME"}}, False),
        ({"xp": {"contains": "1"}}, False),
        ({"customer": {"contains": "email"}}, False),
        ({"email": {"starts_with": "Ada@"}}, True),
        ({"email": {"ends_with": ".com"}}, True),
        ({"xp": {"starts_with": "1"}}, False),
        ({"email": {"matches": "^[A-Z]"}}, True),
        ({"email": {"matches": "acme"}}, True),
        ({"xp": {"matches": "1"}}, False),
        ({"country": {"exists": False}}, True),
        ({"status": {"exists": True}}, True),
        ({"xp": {"between": [120, 130]}}, True),
        ({"xp": {"between": [100, 119]}}, False),
        ({"status": {"between": ["a", "b"]}}, True),
        ({"xp": {"between": ["a", "b"]}}, False),
        ({"tags": {"eq": ["vip", 3.0]}}, True),
        ({"customer": {"eq": {"email": "ada@acme.com", "address": None}}}, True),
        ({"customer.email": "ada@acme.com"}, True),
        ({"customer.address.city": {"exists": False}}, True),
        ({"status.length": {"exists": False}}, True),
        ({"or": [{"country": "CH"}, {"email": {"ends_with": "@acme.com"}}]}, True),
        ({"or": [{"country": "CH"}, {"xp": {"lt": 5}}]}, False),
        ({"and": [{"xp": 120}, {"status": "active"}]}, True),
        ({"not": {"status": "active"}}, False),
        ({"not": {"country": "CH"}}, True),
        ({"status": "active", "or": [{"xp": 1}, {"xp": 120}], "not": {"verified": False}}, True),
    ],
)
def test_a_row_matches_or_not(source, expected):
    assert matches(source) is expected


@pytest.mark.parametrize("row", [{"x": None}, {}, {"x": None, "y": 1}])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"eq": None}, True),
        ({"ne": None}, False),
        ({"eq": ""}, False),
        ({"eq": 0}, False),
        ({"eq": False}, False),
        ({"ne": 3}, True),
        ({"gt": 0}, False),
        ({"gte": ""}, False),
        ({"lt": 9}, False),
        ({"lte": "z"}, False),
        ({"in": ["a"]}, False),
        ({"not_in": ["a"]}, True),
        ({"contains": ""}, False),
        ({"not_contains": "a"}, True),
        ({"starts_with": ""}, False),
        ({"ends_with": ""}, False),
        ({"matches": ".*"}, False),
        ({"exists": True}, False),
        ({"exists": False}, True),
        ({"between": [0, 9]}, False),
        ({"within_last": "7d"}, False),
        ({"older_than": "7d"}, False),
    ],
)
def test_a_null_or_missing_field_satisfies_only_null_and_the_negatives(row, condition, expected):
    assert matches({"x": condition}, row) is expected


def test_an_empty_text_is_a_text_and_no_null():
    assert matches({"empty": {"exists": True}})
    assert matches({"empty": ""})
    assert matches({"empty": {"starts_with": ""}})
    assert not matches({"empty": None})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"eq": "2026-11-18T09:00:00Z"}, True),
        ({"eq": "2026-11-18 10:00:00+0100"}, True),
        ({"gt": "2026-11-18T09:30:00+01:00"}, True),
        ({"lt": "2026-11-18T09:00:00.000001Z"}, True),
        ({"gte": "2026-11-18"}, True),
        ({"lt": "2026-11-18"}, False),
        ({"between": ["2026-11-18", "2026-11-19"]}, True),
        ({"in": ["2026-11-18T09:00:00Z"]}, True),
        ({"within_last": "3d"}, True),
        ({"within_last": "71h"}, False),
        ({"older_than": "71h"}, True),
        ({"older_than": "3d"}, False),
        ({"within_last": "1w"}, True),
        ({"older_than": "30m"}, True),
    ],
)
def test_instants_compare_as_instants_whatever_their_offsets(condition, expected):
    assert matches({"last_active_at": condition}) is expected


def test_the_edge_of_within_last_belongs_to_it_and_not_to_older_than():
    row = {"at": "2026-11-14T09:00:00Z"}
    assert matches({"at": {"within_last": "7d"}}, row)
    assert not matches({"at": {"older_than": "7d"}}, row)


def test_binding_renders_values_and_resolves_durations_to_instants():
    source = {
        "xp": {"gte": "{{ inputs.least }}"},
        "at": {"older_than": "{{ inputs.days }}d"},
        "n": {"within_last": "2h"},
    }
    predicate = parse_predicate(source)
    assert bind(predicate, {"inputs": {"least": 3, "days": 7}}, NOW) == All(
        (
            Compare("xp", "gte", constant_template(3)),
            Compare("at", "lt", constant_template("2026-11-14T09:00:00Z")),
            Compare("n", "gte", constant_template("2026-11-21T07:00:00Z")),
        )
    )


def test_binding_again_changes_nothing():
    once = bound({"at": {"older_than": "7d"}, "xp": "{{ x }}"}, {"x": 1})
    assert bind(once, {}, NOW) == once


def test_a_bare_template_means_equal_unless_it_renders_a_list():
    assert matches({"status": "{{ wanted }}"}, scope={"wanted": "active"})
    assert matches({"status": "{{ wanted }}"}, scope={"wanted": ["new", "active"]})
    assert not matches({"status": "{{ wanted }}"}, scope={"wanted": []})
    assert not matches({"status": {"eq": "{{ wanted }}"}}, scope={"wanted": ["active"]})


def test_templates_stand_anywhere_in_a_value():
    assert matches({"status": ["new", "{{ wanted }}"]}, scope={"wanted": "active"})
    assert matches({"email": {"ends_with": "@{{ domain }}"}}, scope={"domain": "acme.com"})
    assert matches({"xp": {"between": ["{{ low }}", "{{ low + 50 }}"]}}, scope={"low": 100})


@pytest.mark.parametrize(
    ("source", "scope", "code", "path"),
    [
        ({"xp": {"gte": "{{ least }}"}}, {}, "missing_value", "/xp/gte"),
        ({"or": [{"a": 1}, {"xp": {"gte": "{{ least }}"}}]}, {"least": None}, "wrong_type", "/or/1/xp/gte"),
        ({"xp": {"in": "{{ least }}"}}, {"least": 3}, "wrong_type", "/xp/in"),
        ({"email": {"matches": "{{ least }}"}}, {"least": "("}, "bad_pattern", "/email/matches"),
        ({"at": {"within_last": "{{ least }}"}}, {"least": "soon"}, "not_a_duration", "/at/within_last"),
        ({"xp": {"between": ["{{ least }}", 3]}}, {"least": "a"}, "bad_bounds", "/xp/between"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_place(source, scope, code, path):
    with pytest.raises(PredicateError) as caught:
        bound(source, scope)
    assert (caught.value.code, caught.value.path) == (code, path)


@pytest.mark.parametrize("source", [{"xp": "{{ x }}"}, {"at": {"within_last": "7d"}}])
def test_a_predicate_tests_rows_only_once_bound(source):
    with pytest.raises(PredicateError) as caught:
        matcher(parse_predicate(source))
    assert caught.value.code == "not_bound"


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize(
    ("source", "failure"),
    [
        ({"status": "active"}, None),
        ({"status": "active", "xp": {"gte": 500, "lt": 900}}, Failure("xp", "gte", 500, 120)),
        ({"customer.email": {"ends_with": ".ch"}}, Failure("customer.email", "ends_with", ".ch", "ada@acme.com")),
        ({"gone": {"gt": 1}}, Failure("gone", "gt", 1, None)),
        (
            {"last_active_at": {"within_last": "1d"}},
            Failure("last_active_at", "gte", "2026-11-20T09:00:00Z", "2026-11-18T10:00:00+01:00"),
        ),
        ({"not": {"status": "active"}}, Failure("status", "not", {"status": {"eq": "active"}}, {"status": "active"})),
        (
            {"verified": True, "or": [{"country": "CH"}, {"xp": {"gt": 500}}]},
            Failure(
                "country, xp", "or", [{"country": {"eq": "CH"}}, {"xp": {"gt": 500}}], {"country": None, "xp": 120}
            ),
        ),
    ],
)
def test_the_first_clause_that_fails_is_told_with_the_actual_value(source, failure):
    assert first_failure(bound(source), ROW) == failure


def test_comparisons_come_in_the_order_in_which_they_were_written():
    predicate = parse_predicate({"a": 1, "or": [{"b": {"gt": 1, "lt": 3}}, {"not": {"c.d": 1}}]})
    assert [(compare.field, compare.path) for compare in comparisons(predicate)] == [
        ("a", "/a"),
        ("b", "/or/0/b/gt"),
        ("b", "/or/0/b/lt"),
        ("c.d", "/or/1/not/c.d"),
    ]


def test_the_tree_has_four_sorts_of_node():
    predicate = parse_predicate({"or": [{"a": 1}, {"not": {"b": {"gt": 2}}}]})
    assert predicate == Any_((Compare("a", "eq", constant_template(1)), Not(Compare("b", "gt", constant_template(2)))))
    assert source_of(predicate) == {"or": [{"a": {"eq": 1}}, {"not": {"b": {"gt": 2}}}]}
