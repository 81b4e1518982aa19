"""Filters for lists, objects and rows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.errors import LanguageError
from apps_engine.language.templates import compile_template

MEMBERS = [
    {"name": "Ada", "xp": 30, "team": "red", "joined": "2026-01-05T00:00:00Z", "email": {"domain": "acme.com"}},
    {"name": "Bo", "xp": 10, "team": "blue", "joined": "2026-01-05T00:00:00.5Z", "email": {"domain": "b.org"}},
    {"name": "Cy", "xp": None, "team": "red", "joined": "2025-12-31T23:00:00-02:00", "email": None},
]


def render(expression, **scope):
    return compile_template(f"{{{{ {expression} }}}}")({"members": MEMBERS, **scope})


def names(expression):
    return render(f"{expression} | pluck: 'name'")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("xs | length", 4),
        ("'Zoë' | length", 3),
        ("members[0] | length", 5),
        ("xs | first", 3),
        ("xs | last", 2),
        ("xs | take: 0", []),
        ("xs | take: 9", [3, 1, 1, 2]),
        ("xs | slice: 1", [1, 1, 2]),
        ("xs | slice: 1, 2", [1, 1]),
        ("xs | slice: -2", [1, 2]),
        ("xs | slice: -2, 1", [1]),
        ("xs | slice: -9, 1", [3]),
        ("xs | slice: 9", []),
        ("'abcdef' | slice: 1, 3", "bcd"),
        ("'abc' | reverse", "cba"),
        ("xs | unique", [3, 1, 2]),
        ("[1, 1.0, true, '1', null, null] | unique", [1, True, "1", None]),
        ("[[1], [1.0], [true]] | unique", [[1], [True]]),
        ("['2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00'] | unique", ["2026-01-01T00:00:00Z"]),
        ("[1, null, '', 0] | compact", [1, "", 0]),
        ("[[1, [2]], 3, []] | flatten", [1, [2], 3]),
        ("xs | chunk: 3", [[3, 1, 1], [2]]),
        ("xs | chunk: 9", [[3, 1, 1, 2]]),
        ("[] | chunk: 1", []),
        ("xs | zip: (xs | sort)", [[3, 1], [1, 1], [1, 2], [2, 3]]),
        ("[] | zip: []", []),
        ("xs | count_by", {"3": 1, "1": 2, "2": 1}),
        ("members | count_by: 'team'", {"red": 2, "blue": 1}),
        ("[true, 1.50] | count_by", {"true": 1, "1.50": 1}),
        ("members | index_by: 'team' | values | pluck: 'name'", ["Cy", "Bo"]),
        ("[] | index_by: 'a'", {}),
        ("xs | sort", [1, 1, 2, 3]),
        ("['b', 'B', 'a', 'é'] | sort", ["B", "a", "b", "é"]),
        ("[2, null, 1.5] | sort", [Decimal("1.5"), 2, None]),
        ("[] | sort", []),
        ("xs | join", "3, 1, 1, 2"),
        ("[true, 1.50, 'x'] | join: '/'", "true/1.50/x"),
        ("[] | join", ""),
        ("xs | contains: 3.0", True),
        ("xs | contains: '3'", False),
        ("'abc' | contains: 'b'", True),
        ("members[0] | contains: 'xp'", True),
        ("members[0].email | keys", ["domain"]),
        ("members[0].email | values", ["acme.com"]),
    ],
)
def test_lists(expression, expected):
    assert render(expression, xs=[3, 1, 1, 2]) == expected


def test_rows_sort_by_a_field_either_way_with_nulls_last():
    assert names("members | sort_by: 'xp'") == ["Bo", "Ada", "Cy"]
    assert names("members | sort_by: '-xp'") == ["Ada", "Bo", "Cy"]
    assert names("members | sort_by: '-name'") == ["Cy", "Bo", "Ada"]


def test_dates_sort_as_instants_and_not_as_texts():
    assert names("members | sort_by: 'joined'") == ["Cy", "Ada", "Bo"]
    assert render("members | min: 'joined'") == "2025-12-31T23:00:00-02:00"
    assert render("members | max: 'joined'") == "2026-01-05T00:00:00.5Z"


def test_sorting_keeps_the_order_of_equals():
    assert names("members | sort_by: 'team'") == ["Bo", "Ada", "Cy"]
    assert names("members | sort_by: '-team'") == ["Ada", "Cy", "Bo"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("members | where: 'xp'", ["Ada", "Bo"]),
        ("members | where: 'team', 'red'", ["Ada", "Cy"]),
        ("members | where: 'xp', 'gte', 30", ["Ada"]),
        ("members | where: 'xp', '>', 5", ["Ada", "Bo"]),
        ("members | where: 'xp', 'exists', false", ["Cy"]),
        ("members | where: 'name', 'in', ['Ada', 'Cy']", ["Ada", "Cy"]),
        ("members | where: 'name', 'matches', '^[AB]'", ["Ada", "Bo"]),
        ("members | where: 'email.domain', 'ends_with', '.org'", ["Bo"]),
        ("members | reject: 'team', 'red'", ["Bo"]),
        ("members | reject: 'xp', 'gte', 30", ["Bo", "Cy"]),
    ],
)
def test_rows_are_chosen_by_the_operators_of_filter_objects(expression, expected):
    assert names(expression) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("members | where: 'xp', 'gtt', 3", "unknown_operator"),
        ("members | where: 'joined', 'within_last', '7d'", "unknown_operator"),
        ("members | where: 'xp', 'gt', true", "wrong_type"),
        ("members | where: 'name', 'matches', '('", "bad_pattern"),
        ("members | where: 'exp', 3", "missing_value"),
        ("members | pluck: 'email.domain'", "missing_value"),
        ("members | group_by: 'xp'", "missing_value"),
        ("members | where: 'email' | group_by: 'email'", "wrong_type"),
        ("members | sum: 'xp'", "missing_value"),
        ("members | sum: 'name'", "wrong_type"),
        ("members | sort_by: 'email'", "wrong_type"),
        ("[1, 'a'] | sort", "wrong_type"),
        ("[true] | sort", "wrong_type"),
        ("[1] | pluck: 'x'", "missing_value"),
        ("[] | first", "missing_value"),
        ("[] | last", "missing_value"),
        ("[] | avg", "missing_value"),
        ("[] | min", "missing_value"),
        ("['a', null] | join", "missing_value"),
        ("members | take: -1", "negative_count"),
        ("members | take: 1.5", "not_a_whole_number"),
        ("members | slice: 0.5", "not_a_whole_number"),
    ],
)
def test_what_makes_no_sense_is_an_error(expression, code):
    with pytest.raises(LanguageError) as caught:
        render(expression)
    assert caught.value.code == code


def test_an_empty_list_can_have_a_default():
    assert render("[] | first | default: 'nobody'") == "nobody"
    assert render("[] | avg | default: 0") == 0


def test_groups_keep_the_order_in_which_they_appear():
    groups = render("members | group_by: 'team'")
    assert [(name, [row["name"] for row in rows]) for name, rows in groups.items()] == [
        ("red", ["Ada", "Cy"]),
        ("blue", ["Bo"]),
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[] | sum", 0),
        ("[1, 2.50] | sum", Decimal("3.50")),
        ("[1, 2] | avg", Decimal("1.5")),
        ("[1, 3] | avg", 2),
        ("['b', 'a'] | min", "a"),
        ("[1, 2.5] | max", Decimal("2.5")),
        ("members | where: 'xp' | sum: 'xp'", 40),
    ],
)
def test_sums_and_extremes(expression, expected):
    found = render(expression)
    assert found == expected
    assert type(found) is type(expected)


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5))))
def test_sorting_gives_the_same_items_in_order(items):
    found = render("xs | sort", xs=items)
    numbers = [item for item in found if item is not None]
    assert numbers == sorted(item for item in items if item is not None)
    assert found == numbers + [None] * items.count(None)


@given(st.lists(st.sampled_from([1, True, "1", Decimal("1.0"), None, "a", False, 0])))
def test_unique_keeps_one_of_each_and_loses_none(items):
    found = render("xs | unique", xs=items)
    for item in items:
        assert sum(render("a == b", a=item, b=kept) for kept in found) == 1
