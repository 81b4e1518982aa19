"""The bounds of transforms (SEC-03)."""

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column, row_maker
from tests.apps_engine.language.checked_steps import problems

pytestmark = pytest.mark.requirement("SEC-03")


def test_a_link_has_two_thousand_characters():
    frame = len("https://wa.me/?text=")

    def link(length):
        params = {"url": "https://wa.me/", "query": {"text": "x" * length}}
        return TRANSFORMS["build_url"].apply(None, params, None)

    assert len(link(bounds.URL_CHARACTERS - frame)) == bounds.URL_CHARACTERS
    with pytest.raises(BoundExceeded) as caught:
        link(bounds.URL_CHARACTERS - frame + 1)
    assert caught.value.code == "url_too_long"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("map", lambda most: {"fields": {f"f{number}": "id" for number in range(most)}}),
        ("aggregate", lambda most: {"metrics": {f"f{number}": {"sum": "id"} for number in range(most)}}),
    ],
)
def test_two_hundred_columns_are_made_of_a_row_and_one_more_refused(name, params):
    assert shape_faults(name, params(bounds.COLUMNS)) == set()
    assert shape_faults(name, params(bounds.COLUMNS + 1)) == {"too_long"}


@pytest.mark.parametrize("name", ["sort", "group", "aggregate"])
def test_rows_are_sorted_and_grouped_by_twenty_fields_and_no_more(name):
    more = {"metrics": {"n": {"count": "*"}}} if name == "aggregate" else {}
    assert shape_faults(name, {"by": ["id"] * bounds.SORT_FIELDS, **more}) == set()
    assert shape_faults(name, {"by": ["id"] * (bounds.SORT_FIELDS + 1), **more}) == {"too_long"}


def shape_faults(name, params):
    """What is wrong with the parameters of a transform over the members."""
    steps = (
        {"id": "rows", "fetch": "users", "fields": ["id"], "limit": 5},
        {"id": "made", "transform": name, "from": "{{ rows }}", "params": params},
    )
    return {problem.code for problem in problems(*steps) if problem.severity == "error"}


def made_by_a_formula(formula, rows, **scope):
    """How many rows a map makes."""
    maker = row_maker({"c": compile_column(formula)}, scope)
    return len(TRANSFORMS["map"].apply([{"id": 1}] * rows, {}, maker))


def test_as_many_values_are_compared_for_all_rows_as_there_may_be_and_no_more():
    # Each list counts as one more than it holds; the bound is looked at before a row.
    held = {"left": [1] * 1_999, "right": [1] * 1_999}
    most = bounds.VALUES_COMPARED_BY_ROWS // 2_000 + 1
    assert made_by_a_formula("left == right", most, **held) == most
    with pytest.raises(BoundExceeded):
        made_by_a_formula("left == right", most + 1, **held)


def test_formulas_are_as_long_for_all_rows_together_as_they_may_be_and_no_longer():
    formula = "1 + 1" + " " * 3_995
    most = bounds.FORMULA_CHARACTERS // len(formula)
    assert made_by_a_formula(formula, most) == most
    with pytest.raises(BoundExceeded):
        made_by_a_formula(formula, most + 1)
