"""What a transform works out for all of its rows ends before it takes long: the deadline is looked at between steps."""

from __future__ import annotations

import time

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.predicates import bind, parse_predicate
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column, row_maker

pytestmark = [pytest.mark.requirement("SEC-03"), pytest.mark.requirement("RUN-02")]

NOW = "2026-11-21T09:00:00Z"
ROWS = [{"id": number, "xp": number} for number in range(bounds.LIST_ITEMS)]
LARGE = [list(range(1_000)) for _ in range(40)]
# Much slower machines than any that the platform runs on.
MOST_SECONDS = 30


def made(columns, rows=ROWS, **scope):
    """The rows that a map makes."""
    formulas = {f"c{number}": compile_column(column) for number, column in enumerate(columns)}
    return TRANSFORMS["map"].apply(rows, {}, row_maker(formulas, {"now": NOW, **scope}))


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(["large == other"], id="large values compared for each row"),
        pytest.param(["[" + ",".join(["xp + xp + xp"] * 60) + "]"] * 200, id="long formulas for each row"),
    ],
)
def test_what_would_take_minutes_is_refused_in_seconds(columns):
    began = time.process_time()
    with pytest.raises(BoundExceeded) as refused:
        made(columns, large=LARGE, other=[list(part) for part in LARGE])
    assert refused.value.code == "too_much_work"
    assert time.process_time() - began < MOST_SECONDS


def test_a_filter_is_no_way_around():
    where = bind(parse_predicate({"held": {"in": ["{{ other }}"]}}), {"other": LARGE}, NOW)
    with pytest.raises(BoundExceeded):
        TRANSFORMS["filter"].apply([{"held": [list(part) for part in LARGE]}] * 1_000, {}, where)


def test_what_apps_of_sense_work_out_is_done_and_later_ones_begin_anew():
    small = {"a": {"b": [1, 2, 3]}}
    for _ in range(3):
        rows = made(
            ["xp * 2 + 1", "small == other", "{{ xp | round: 2 }}"], rows=ROWS[:2_000], small=small, other=small
        )
        assert rows[7] == {"c0": 15, "c1": True, "c2": 7}
