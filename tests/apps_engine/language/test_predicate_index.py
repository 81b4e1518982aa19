"""Finding the triggers that an event may start without testing each (TRG-02)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.errors import LanguageError
from apps_engine.language.predicate_index import PredicateIndex
from apps_engine.language.predicates import bind, matcher, parse_predicate
from tests.apps_engine.language.test_predicates_properties import NOW, PREDICATES, ROWS

pytestmark = pytest.mark.requirement("TRG-02")


def index(*filters):
    return PredicateIndex(
        (place, None if source is None else parse_predicate(source)) for place, source in enumerate(filters)
    )


def holds(source, row):
    """By testing the one predicate; where that fails, the caller is to find out why."""
    try:
        return matcher(bind(parse_predicate(source), {"now": NOW}, NOW))(row)
    except LanguageError:
        return True


@given(st.lists(PREDICATES, max_size=8), st.lists(ROWS, min_size=1, max_size=4))
def test_every_predicate_that_holds_is_found(sources, rows):
    found = index(*sources)
    for row in rows:
        wanted = [place for place, source in enumerate(sources) if holds(source, row)]
        assert set(wanted) <= set(found.candidates(row))


@given(st.lists(PREDICATES, max_size=8), ROWS)
def test_without_the_clock_nothing_else_is_found(sources, row):
    still = [source for source in sources if "within_last" not in str(source) and "older_than" not in str(source)]
    assert index(*still).candidates(row) == [place for place, source in enumerate(still) if holds(source, row)]


def test_what_always_holds_and_what_has_to_be_rendered_is_always_a_candidate():
    found = index(None, {}, {"a": "{{ trigger.b }}"}, {"a": {"within_last": "1h"}}, {"a": 1})
    assert found.candidates({"a": 2}) == [0, 1, 2, 3]


def test_a_rendered_part_does_not_hide_what_the_others_say():
    found = index({"a": 1, "b": "{{ trigger.c }}"})
    assert found.candidates({"a": 2, "b": 0}) == []
    assert found.candidates({"a": 1, "b": 0}) == [0]


@pytest.mark.parametrize(
    ("source", "inside", "outside"),
    [
        ({"n": {"gt": 5}}, 6, 5),
        ({"n": {"gte": 5}}, 5, 4),
        ({"n": {"lt": 5}}, 4, 5),
        ({"n": {"lte": Decimal("5.0")}}, 5, 6),
        ({"n": {"in": [1, "a"]}}, "a", "A"),
        ({"n": {"starts_with": "ab"}}, "abc", "a"),
        ({"n": True}, True, 1),
        ({"n": "2026-11-21T10:00:00+01:00"}, "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"),
    ],
)
def test_each_way_of_filing_knows_its_edge(source, inside, outside):
    assert index(source).candidates({"n": inside}) == [0]
    assert index(source).candidates({"n": outside}) == []
    assert index(source).candidates({}) == []


def test_of_ten_thousand_predicates_only_the_fitting_ones_are_looked_at():
    class Counted(dict):
        reads = 0

        def get(self, key, default=None):
            Counted.reads += 1
            return super().get(key, default)

    found = index(*({"room_id": number, "score": {"gte": 3}} for number in range(10_000)))
    assert found.candidates(Counted(room_id=77, score=3)) == [77]
    assert found.candidates(Counted(room_id=77, score=2)) == []
    assert Counted.reads == 4
