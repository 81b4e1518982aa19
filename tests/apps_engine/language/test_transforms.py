"""What each transform makes of rows (PIP-04)."""

import time
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.errors import LanguageError, WrongType
from apps_engine.language.predicates import bind, parse_predicate
from apps_engine.language.static_types import NUMBER, TEXT, list_of, object_of
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column, row_maker

pytestmark = pytest.mark.requirement("PIP-04")
NOW = "2026-11-21T09:00:00Z"

ROWS = [
    {"id": 1, "room": "a", "xp": 10, "author": {"name": "Ada"}, "at": "2026-01-02T00:00:00Z"},
    {"id": 2, "room": "b", "xp": None, "author": {"name": "Bob"}, "at": "2026-01-01T23:30:00-01:00"},
    {"id": 3, "room": "a", "xp": Decimal("2.5"), "author": None, "at": "2026-01-01"},
]


def apply(name, params, rows=ROWS, where=None):
    rule = None if where is None else bind(parse_predicate(where), {"now": NOW}, NOW)
    if name == "map":
        columns = {column: compile_column(source) for column, source in params["fields"].items()}
        rule = row_maker(columns, {"now": NOW, "rate": 2})
    return TRANSFORMS[name].apply(rows, params, rule)


def ids(rows):
    return [row["id"] for row in rows]


def test_filter_keeps_matching_rows_in_order():
    assert ids(apply("filter", {}, where={"room": "a"})) == [1, 3]
    assert ids(apply("filter", {}, where={"author.name": {"exists": True}})) == [1, 2]
    assert ids(apply("filter", {})) == [1, 2, 3]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (["xp"], [3, 1, 2]),
        (["-xp"], [1, 3, 2]),
        (["room", "-id"], [3, 1, 2]),
        (["-room", "id"], [2, 1, 3]),
        (["author.name"], [1, 2, 3]),
        (["at"], [3, 1, 2]),
        (["-at"], [2, 1, 3]),
        (["nothing"], [1, 2, 3]),
    ],
)
def test_sort_orders_by_fields_with_missing_values_last(by, expected):
    assert ids(apply("sort", {"by": by})) == expected


def test_sort_is_stable_in_both_directions():
    rows = [{"id": number, "k": number % 2} for number in range(6)]
    assert ids(apply("sort", {"by": ["k"]}, rows)) == [0, 2, 4, 1, 3, 5]
    assert ids(apply("sort", {"by": ["-k"]}, rows)) == [1, 3, 5, 0, 2, 4]


@pytest.mark.parametrize("values", [[1, "a"], [True, 2], [[1], [2]], [{"a": 1}, {"a": 2}]])
def test_sort_refuses_values_without_a_common_order(values):
    with pytest.raises(WrongType):
        apply("sort", {"by": ["k"]}, [{"k": value} for value in values])


def test_limit_keeps_the_first_rows_after_the_offset():
    assert ids(apply("limit", {"count": 2})) == [1, 2]
    assert ids(apply("limit", {"count": 2, "offset": 2})) == [3]
    assert apply("limit", {"count": 0}) == []
    assert apply("limit", {"count": 1}, ["any", "value"]) == ["any"]


@pytest.mark.parametrize("count", [-1, "2", None, True, Decimal("1.5")])
def test_limit_refuses_what_is_no_count(count):
    with pytest.raises(WrongType):
        apply("limit", {"count": count})


def test_group_collects_rows_with_the_same_values():
    assert apply("group", {"by": ["room"]}) == [
        {"room": "a", "items": [ROWS[0], ROWS[2]], "count": 2},
        {"room": "b", "items": [ROWS[1]], "count": 1},
    ]


def test_group_tells_one_from_true_and_from_text_but_not_from_one_point_zero():
    rows = [{"k": 1}, {"k": True}, {"k": "1"}, {"k": Decimal("1.0")}, {"k": None}, {}]
    assert [group["count"] for group in apply("group", {"by": ["k"]}, rows)] == [2, 1, 1, 2]


def test_aggregate_measures_all_rows_together():
    metrics = {
        "rows": {"count": "*"},
        "with_xp": {"count": "xp"},
        "sum": {"sum": "xp"},
        "avg": {"avg": "xp"},
        "min": {"min": "xp"},
        "max": {"max": "xp"},
        "first": {"first": "author.name"},
        "last": {"last": "author.name"},
    }
    assert apply("aggregate", {"metrics": metrics}) == {
        "rows": 3,
        "with_xp": 2,
        "sum": Decimal("12.5"),
        "avg": Decimal("6.25"),
        "min": Decimal("2.5"),
        "max": 10,
        "first": "Ada",
        "last": "Bob",
    }


def test_aggregate_of_nothing_is_zero_or_null():
    metrics = {"n": {"count": "*"}, "s": {"sum": "xp"}, "a": {"avg": "xp"}, "m": {"max": "xp"}, "f": {"first": "xp"}}
    assert apply("aggregate", {"metrics": metrics}, []) == {"n": 0, "s": 0, "a": None, "m": None, "f": None}


def test_aggregate_measures_by_group():
    params = {"by": ["room"], "metrics": {"n": {"count": "*"}, "xp": {"sum": "xp"}}}
    assert apply("aggregate", params) == [{"room": "a", "n": 2, "xp": Decimal("12.5")}, {"room": "b", "n": 1, "xp": 0}]


def test_money_is_added_exactly():
    rows = [{"total": Decimal("0.10")}] * 3
    assert apply("aggregate", {"metrics": {"sum": {"sum": "total"}}}, rows) == {"sum": Decimal("0.30")}


def test_sums_are_exact_to_forty_digits_whatever_the_context_of_the_caller():
    rows = [{"n": 10**38}, {"n": Decimal("0.5")}, {"n": 1}]
    with localcontext() as context:
        context.prec = 3
        assert apply("aggregate", {"metrics": {"s": {"sum": "n"}}}, rows) == {"s": Decimal(f"1{'0' * 37}1.5")}
        assert apply("aggregate", {"metrics": {"a": {"avg": "n"}}}, [{"n": 10}, {"n": 1}]) == {"a": Decimal("5.5")}
    with pytest.raises(LanguageError, match="40 digits"):
        apply("aggregate", {"metrics": {"s": {"sum": "n"}}}, [{"n": 9 * 10**39}] * 2)


@pytest.mark.parametrize("name", ["filter", "sort", "group", "aggregate", "merge", "map", "limit"])
def test_ten_thousand_rows_take_about_ten_times_as_long_as_a_thousand(name):
    """No step is quadratic: that would take a hundred times as long."""
    metrics = {"n": {"count": "*"}, "s": {"sum": "xp"}, "m": {"max": "at"}, "f": {"first": "name"}}
    fields = {"who": "by.name", "twice": "xp * 2", "known": "name | default: 'nobody'"}

    def seconds(count):
        rows = [{"id": n, "xp": n * 7 % 1_000, "name": f"n{n % 97}", "team": n % 500, "by": {"name": f"n{n}"},
                 "at": f"2026-01-{n % 28 + 1:02d}T00:00:00Z"} for n in range(count)]  # fmt: skip
        others = [{"id": n, "order": n} for n in range(count)]
        params = {"by": ["team"], "metrics": metrics, "with": others, "on": "id", "fields": fields, "count": count}
        if name == "sort":
            params["by"] = ["-team", "at", "name"]
        times = []
        for _ in range(3):
            started = time.process_time()
            apply(
                name, params, rows, where={"xp": {"gte": 10}, "at": {"gte": "2026-01-03"}} if name == "filter" else None
            )
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(10_000) < 40 * max(seconds(1_000), 0.0005)


def test_aggregate_refuses_to_add_text():
    with pytest.raises(WrongType):
        apply("aggregate", {"metrics": {"s": {"sum": "room"}}})


@pytest.mark.requirement("PIP-03")
def test_merge_pairs_rows_by_key_and_the_rows_own_fields_win():
    orders = [
        {"member": 1, "total": 5, "xp": 0},
        {"member": 1, "total": 7},
        {"member": 9, "total": 1},
        {"member": None},
    ]
    on = {"left": "id", "right": "member"}
    merged = apply("merge", {"with": orders, "on": on})
    assert [(row["id"], row["total"], row["xp"]) for row in merged] == [(1, 5, 10), (1, 7, 10)]
    named = apply("merge", {"with": orders, "on": on, "as": "order", "type": "left"})
    assert [(row["id"], row["order"]) for row in named] == [(1, orders[0]), (1, orders[1]), (2, None), (3, None)]


@pytest.mark.requirement("PIP-03")
def test_merge_of_null_keys_pairs_nothing():
    assert apply("merge", {"with": [{"k": None}], "on": "k"}, [{"k": None}]) == []


@pytest.mark.requirement("PIP-03")
def test_merge_refuses_to_grow_beyond_ten_thousand_rows():
    many = [{"k": 1}] * 100
    assert len(apply("merge", {"with": many, "on": "k"}, many)) == 10_000
    with pytest.raises(LanguageError) as refusal:
        apply("merge", {"with": many, "on": "k"}, [*many, {"k": 1}])
    assert refusal.value.code == "list_too_long"


def test_map_renames_lifts_and_leaves_out():
    assert apply("map", {"fields": {"who": "author.name", "number": "id"}}) == [
        {"who": "Ada", "number": 1},
        {"who": "Bob", "number": 2},
        {"who": None, "number": 3},
    ]
    assert apply("map", {"fields": {"who": "author.name"}, "keep": True})[0] == {**ROWS[0], "who": "Ada"}


def test_map_computes_fields_of_a_row_from_its_others_and_from_what_is_around_it():
    rows = [{"price": Decimal("2.50"), "quantity": 3, "by": {"name": "Ada"}}, {"price": 1, "quantity": 1, "by": None}]
    fields = {
        "total": "price * quantity",
        "braced": "{{ price }} * {{ rate }}",
        "who": "{{ by.name | default: 'nobody' | uppercase }}",
        "large": "price * quantity > 5",
        "whole": "item.quantity + 1",
    }
    assert apply("map", {"fields": fields}, rows) == [
        {"total": Decimal("7.50"), "braced": Decimal("5.00"), "who": "ADA", "large": True, "whole": 4},
        {"total": 1, "braced": 2, "who": "NOBODY", "large": False, "whole": 2},
    ]


def test_a_formula_of_map_is_strict_and_a_plain_field_is_not_and_reads_the_row_only():
    assert apply("map", {"fields": {"x": "gone", "y": "rate", "z": "a.b"}}, [{"a": None}]) == [
        {"x": None, "y": None, "z": None}
    ]
    with pytest.raises(LanguageError) as refusal:
        apply("map", {"fields": {"x": "gone + 1"}}, [{}])
    assert refusal.value.code == "missing_value"


@pytest.mark.parametrize("name", ["filter", "sort", "group", "aggregate", "merge", "map"])
@pytest.mark.parametrize("source", ["text", None, {"a": 1}, [1], [{"id": 1}, None]])
def test_what_is_no_list_of_objects_is_refused_with_a_reason(name, source):
    params = {"by": ["a"], "metrics": {"n": {"count": "*"}}, "with": [], "on": "a", "fields": {"a": "b"}}
    with pytest.raises(WrongType) as refusal:
        apply(name, params, source)
    assert name in refusal.value.message


@given(st.lists(st.fixed_dictionaries({"k": st.integers(0, 3) | st.none(), "v": st.integers(-5, 5)}), max_size=30))
def test_groups_hold_every_row_once_and_agree_with_aggregates(rows):
    groups = apply("group", {"by": ["k"]}, rows)
    assert sorted(map(repr, (row for group in groups for row in group["items"]))) == sorted(map(repr, rows))
    sums = apply("aggregate", {"by": ["k"], "metrics": {"sum": {"sum": "v"}, "count": {"count": "*"}}}, rows)
    assert [(group["k"], group["count"], sum(row["v"] for row in group["items"])) for group in groups] == [
        (row["k"], row["count"], row["sum"]) for row in sums
    ]


@given(st.lists(st.fixed_dictionaries({"a": st.integers(0, 5) | st.none(), "id": st.integers()}), max_size=30))
def test_sorting_keeps_every_row_and_orders_neighbours(rows):
    result = apply("sort", {"by": ["-a", "id"]}, rows)
    assert sorted(map(repr, result)) == sorted(map(repr, rows))
    keys = [(row["a"] is None, -(row["a"] or 0), row["id"]) for row in result]
    assert keys == sorted(keys)


def test_the_static_type_of_a_result_follows_from_the_source():
    source = list_of(object_of({"id": NUMBER, "name": TEXT}, noun="members"), 50)
    assert TRANSFORMS["limit"].result(source, {"count": 3}, {}).most == 3
    assert TRANSFORMS["filter"].result(source, {}, {}).element.fields.keys() == {"id", "name"}
    groups = TRANSFORMS["group"].result(source, {"by": ["name"]}, {})
    assert groups.element.fields.keys() == {"name", "items", "count"}
    assert groups.element.fields["items"].element.fields.keys() == {"id", "name"}
    table = TRANSFORMS["aggregate"].result(source, {"by": ["name"], "metrics": {"n": {"count": "*"}}}, {})
    assert table.element.fields.keys() == {"name", "n"}
    assert TRANSFORMS["map"].result(source, {"fields": {"x": "id"}}, {}).element.member("id") is None
    assert (
        TRANSFORMS["merge"].result(source, {"with": "{{ o }}", "on": "id", "as": "o"}, {}).element.member("o")
        is not None
    )


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize(
    "params", [{}, {"by": 3}, {"by": [1, None]}, {"metrics": []}, {"fields": 1, "as": []}, {"metrics": {"a": 1}}]
)
def test_the_static_type_of_a_result_exists_for_any_parameters(name, params):
    TRANSFORMS[name].result(list_of(object_of({"id": NUMBER})), params, {})
