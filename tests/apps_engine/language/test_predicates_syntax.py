"""How filter objects may be written, and what is said of those that make no sense (TRG-02, LNG-05)."""

import pytest

from apps_engine.language.errors import PredicateError
from apps_engine.language.predicates import parse_predicate, read_predicate, source_of


@pytest.mark.parametrize(
    ("sugar", "canonical"),
    [
        ({"xp": 3}, {"xp": {"eq": 3}}),
        ({"xp": [1, 2]}, {"xp": {"in": [1, 2]}}),
        ({"xp": {"$gte": 3}}, {"xp": {"gte": 3}}),
        ({"xp": {">=": 3}}, {"xp": {"gte": 3}}),
        ({"xp": {"$nin": [3]}}, {"xp": {"not_in": [3]}}),
        ({"name": {"$regex": "^a"}}, {"name": {"matches": "^a"}}),
        ({"$or": [{"a": 1}, {"$and": [{"b": 2}]}]}, {"or": [{"a": 1}, {"and": [{"b": 2}]}]}),
        ({"$not": {"a": 1}}, {"not": {"a": 1}}),
        ([{"field": "xp", "op": "gt", "value": 3}], {"xp": {"gt": 3}}),
        ({"field": "xp", "operator": "$gt", "value": 3}, {"xp": {"gt": 3}}),
        (
            [{"field": "a", "op": "==", "value": 1}, {"field": "b", "op": "exists", "value": True}],
            {"a": 1, "b": {"exists": True}},
        ),
        ([{"a": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ({"or": [[{"field": "a", "op": "eq", "value": None}], {"b": 2}]}, {"or": [{"a": None}, {"b": 2}]}),
    ],
)
def test_sugar_means_the_same_as_the_canonical_form(sugar, canonical):
    assert parse_predicate(sugar) == parse_predicate(canonical)


@pytest.mark.requirement("LNG-05")
@pytest.mark.parametrize(
    ("source", "code", "path", "hint"),
    [
        (3, "wrong_type", "", '{"field": value}'),
        (None, "wrong_type", "", ""),
        ("status == 'x'", "wrong_type", "", ""),
        ({"xp": {"gtt": 3}}, "unknown_operator", "/xp/gtt", "Did you mean `gt`?"),
        ({"xp": {"$gtr": 3}}, "unknown_operator", "/xp/$gtr", "Did you mean `gt`?"),
        ({"customer": {"email": "x"}}, "unknown_operator", "/customer/email", "written `customer.email`"),
        ({"xp": {}}, "empty_filter", "/xp", '{"gt": 3}'),
        ({"or": []}, "wrong_type", "/or", '[{"a": 1}'),
        ({"or": {"a": 1}}, "wrong_type", "/or", '[{"a": 1}'),
        ({"and": [{"a": 1}, 7]}, "wrong_type", "/and/1", ""),
        ({"not": [3]}, "wrong_type", "/not/0", ""),
        ({"a b": 1}, "bad_field", "/a b", "customer.email"),
        ({"": 1}, "bad_field", "/", ""),
        ({"a.": 1}, "bad_field", "/a.", ""),
        ({"{{ x }}": 1}, "bad_field", "/{{ x }}", ""),
        ({"a/b": 1}, "bad_field", "/a~1b", ""),
        ({"xp": {"gt": None}}, "wrong_type", "/xp/gt", ""),
        ({"xp": {"gt": [1]}}, "wrong_type", "/xp/gt", ""),
        ({"xp": {"lte": True}}, "wrong_type", "/xp/lte", ""),
        ({"xp": {"in": 3}}, "wrong_type", "/xp/in", ""),
        ({"xp": [1, None]}, "null_in_list", "/xp", "null"),
        ({"xp": {"contains": None}}, "wrong_type", "/xp/contains", ""),
        ({"xp": {"starts_with": 1}}, "wrong_type", "/xp/starts_with", ""),
        ({"xp": {"exists": "yes"}}, "wrong_type", "/xp/exists", ""),
        ({"xp": {"matches": "(?=x)"}}, "bad_pattern", "/xp/matches", "RE2"),
        ({"xp": {"matches": 1}}, "wrong_type", "/xp/matches", ""),
        ({"xp": {"between": [1]}}, "bad_bounds", "/xp/between", "[10, 20]"),
        ({"xp": {"between": [1, "a"]}}, "bad_bounds", "/xp/between", ""),
        ({"at": {"within_last": "soon"}}, "not_a_duration", "/at/within_last", "7d"),
        ({"at": {"older_than": 7}}, "wrong_type", "/at/older_than", ""),
        ({"xp": "{{ a | nope }}"}, "unknown_filter", "/xp", ""),
        ({"xp": {"in": ["{{ a"]}}, "unclosed_placeholder", "/xp/in/0", ""),
        ([{"field": "a b", "op": "eq", "value": 1}], "bad_field", "/0/field", ""),
        ([{"field": "a", "op": 3, "value": 1}], "unknown_operator", "/0/op", "eq"),
        ([{"field": "a", "op": "equalz", "value": 1}], "unknown_operator", "/0/op", "Did you mean `eq`?"),
    ],
)
def test_a_fault_has_a_code_a_path_and_a_way_out(source, code, path, hint):
    with pytest.raises(PredicateError) as caught:
        parse_predicate(source)
    assert (caught.value.code, caught.value.path) == (code, path)
    assert hint in caught.value.hint


def test_all_faults_are_found_in_one_go():
    source = {"xp": {"gtt": 1, "gt": None}, "or": [{"a b": 1}, {"ok": 2}, {"at": {"within_last": "x"}}], "n": {}}
    predicate, errors = read_predicate(source)
    assert [(error.code, error.path) for error in errors] == [
        ("unknown_operator", "/xp/gtt"),
        ("wrong_type", "/xp/gt"),
        ("bad_field", "/or/0/a b"),
        ("not_a_duration", "/or/2/at/within_last"),
        ("empty_filter", "/n"),
    ]
    assert source_of(predicate)["and"][1] == {"or": [{}, {"ok": {"eq": 2}}, {}]}
    assert read_predicate({"xp": {"gt": 1}})[1] == ()
