"""What holds of every filter object and row (PIP-06)."""

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps_engine.language.comparison import equal, identity, order
from apps_engine.language.errors import PredicateError
from apps_engine.language.operators import OPERATORS
from apps_engine.language.predicates import (
    bind,
    comparisons,
    first_failure,
    matcher,
    parse_predicate,
    read_predicate,
    source_of,
)

NOW = "2026-11-21T09:00:00Z"
FIELDS = ["a", "b", "c.d"]
TEXTS = st.sampled_from(["", "a", "A", "ab", "é", "10", "2", "2026-11-21", "2026-11-21T10:00:00+01:00", NOW])
NUMBERS = st.sampled_from([0, 1, -1, 10, Decimal("1.0"), Decimal("0.5"), Decimal("10.00")])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.sampled_from("dk"), SCALARS, max_size=2))
PRESENT = SCALARS.filter(lambda value: value is not None)
ROWS = st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES, "c": VALUES})
EXPECTED = {
    **dict.fromkeys(("eq", "ne"), VALUES),
    **dict.fromkeys(("gt", "gte", "lt", "lte"), st.one_of(NUMBERS, TEXTS)),
    **dict.fromkeys(("in", "not_in"), st.lists(PRESENT, max_size=4)),
    **dict.fromkeys(("contains", "not_contains"), st.one_of(TEXTS, NUMBERS, st.booleans())),
    **dict.fromkeys(("starts_with", "ends_with"), TEXTS),
    "matches": st.sampled_from(["a", "^a", ".", "[0-9]+$", ""]),
    "exists": st.booleans(),
    "between": st.one_of(st.lists(NUMBERS, min_size=2, max_size=2), st.lists(TEXTS, min_size=2, max_size=2)),
    **dict.fromkeys(("within_last", "older_than"), st.sampled_from(["1h", "7d", "0d"])),
}


@st.composite
def comparison(draw):
    operator = draw(st.sampled_from(sorted(OPERATORS)))
    return {draw(st.sampled_from(FIELDS)): {operator: draw(EXPECTED[operator])}}


PREDICATES = st.recursive(
    st.one_of(comparison(), st.dictionaries(st.sampled_from(FIELDS), st.one_of(PRESENT, st.none()), max_size=2)),
    lambda inner: st.one_of(
        st.builds(lambda children: {"and": children}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda children: {"or": children}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda child: {"not": child}, inner),
    ),
    max_leaves=8,
)


def matches(source, row):
    return matcher(bind(parse_predicate(source), {}, NOW))(row)


def test_every_operator_has_values_here():
    assert EXPECTED.keys() == OPERATORS.keys()


@pytest.mark.requirement("PIP-06")
@given(source=PREDICATES, row=ROWS)
def test_not_is_the_complement(source, row):
    assert matches({"not": source}, row) is not matches(source, row)


@given(row=ROWS, data=st.data(), field=st.sampled_from(FIELDS))
@pytest.mark.parametrize(("negative", "positive"), [("ne", "eq"), ("not_in", "in"), ("not_contains", "contains")])
def test_negative_operators_are_complements_of_the_positive_ones(negative, positive, row, data, field):
    expected = data.draw(EXPECTED[positive])
    assert matches({field: {negative: expected}}, row) is not matches({field: {positive: expected}}, row)


@given(first=PREDICATES, second=PREDICATES, row=ROWS)
def test_and_or_not_follow_de_morgan(first, second, row):
    both = matches({"and": [first, second]}, row)
    assert both is (matches(first, row) and matches(second, row))
    assert both is not matches({"or": [{"not": first}, {"not": second}]}, row)


@pytest.mark.requirement("TRG-11")
@given(source=PREDICATES, row=ROWS)
def test_there_is_a_failure_exactly_when_a_row_does_not_match(source, row):
    predicate = bind(parse_predicate(source), {}, NOW)
    assert (first_failure(predicate, row) is None) is matcher(predicate)(row)


@given(source=PREDICATES)
def test_the_canonical_form_reads_back_as_the_same_tree(source):
    predicate = parse_predicate(source)
    assert parse_predicate(source_of(predicate)) == predicate
    assert source_of(parse_predicate(source_of(predicate))) == source_of(predicate)


@given(source=PREDICATES, row=ROWS)
def test_a_bound_predicate_answers_as_its_canonical_form(source, row):
    assert matches(source_of(bind(parse_predicate(source), {}, NOW)), row) is matches(source, row)


@given(source=PREDICATES)
def test_a_bound_predicate_has_constants_and_no_clock(source):
    for compare in comparisons(bind(parse_predicate(source), {}, NOW)):
        assert compare.value.constant
        assert not OPERATORS[compare.operator].clock


JSON = st.recursive(
    st.one_of(SCALARS, st.text(max_size=8), st.sampled_from(["{{ x }}", "{{ x", "7d", "("])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["a", "c.d", "a b", "and", "or", "not", "$or", "field", "op", "value", "$gt", *OPERATORS]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@pytest.mark.requirement("SEC-03")
@settings(max_examples=500, deadline=None)
@given(source=JSON)
def test_any_json_is_a_predicate_or_has_faults_that_say_where(source):
    started = time.process_time()
    _, errors = read_predicate(source)
    assert time.process_time() - started < 5
    if not errors:
        parse_predicate(source)
        return
    with pytest.raises(PredicateError) as caught:
        parse_predicate(source)
    assert caught.value.path == errors[0].path
    assert all(error.path == "" or error.path.startswith("/") for error in errors)


@given(left=VALUES, right=VALUES)
def test_equal_values_have_one_identity_and_others_have_not(left, right):
    assert equal(left, right) is (identity(left) == identity(right))
    assert equal(left, right) is equal(right, left)
    assert equal(left, left)


@given(first=SCALARS, second=SCALARS)
def test_order_agrees_with_equality_and_turns_with_its_sides(first, second):
    found, turned = order(first, second), order(second, first)
    assert (found is None) is (turned is None)
    assert found is None or found == -turned
    assert found is None or (found == 0) is equal(first, second)
