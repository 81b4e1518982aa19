"""The bounds of what a template takes and makes: texts, numbers, lists (SEC-03)."""

import time
import tracemalloc
from decimal import Decimal

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import BoundExceeded, LanguageError
from apps_engine.language.templates import compile_template, compile_value
from tests.apps_engine.language.bounded import MEGABYTE, refused, render

pytestmark = pytest.mark.requirement("SEC-03")


def test_a_result_of_a_mebicharacter_is_taken_and_one_more_refused():
    half = "x" * (bounds.RESULT_CHARACTERS // 2)
    assert len(render("{{ a }}{{ a }}", {"a": half})) == bounds.RESULT_CHARACTERS
    refused("{{ a }}{{ a }}!", "result_too_long", {"a": half})


def test_the_texts_of_one_tree_share_the_bound_of_a_result():
    half = "x" * (bounds.RESULT_CHARACTERS // 2)
    assert compile_value(["{{ a }}", {"b": "{{ a }}"}])({"a": half})[0] == half
    with pytest.raises(BoundExceeded):
        compile_value(["{{ a }}", {"b": "{{ a }}!"}])({"a": half})


@pytest.mark.parametrize(
    ("fits", "too_long"),
    [
        ("a + 0", "a + 1"),
        ("-a - 0", "-a - 1"),
        ("a * 1", "a * 2"),
        ("a * 1.0", "a * 10.0"),
        ("a / 1", "a / 0.1"),
        ("a | round", "a | round: 1 | number: 1"),
        ("a | number", "a * 1.0 | number: 2"),
    ],
)
def test_results_have_forty_digits(fits, too_long):
    scope = {"a": 10**bounds.DIGITS - 1}
    assert render(f"<{{{{ {fits} }}}}>", scope)
    refused(f"<{{{{ {too_long} }}}}>", "too_many_digits", scope)


def test_a_number_of_more_digits_than_forty_is_not_written_out():
    refused("n={{ a }}", "too_many_digits", {"a": 10**5_000})
    refused("{{ a | to_number }}", "not_a_number", {"a": "9" * 5_000})
    refused("{{ a | to_number }}", "too_many_digits", {"a": "9" * (bounds.DIGITS + 1)})
    assert render("{{ a | to_number }}", {"a": "9" * bounds.DIGITS}) == 10**bounds.DIGITS - 1


def test_filters_take_and_make_lists_of_ten_thousand_items():
    items = list(range(bounds.LIST_ITEMS))
    assert render("{{ a | reverse | sort | unique | last }}", {"a": items}) == bounds.LIST_ITEMS - 1
    refused("{{ a | reverse }}", "list_too_long", {"a": [*items, 0]})
    assert render("{{ 0 in a }}", {"a": items}) is True
    refused("{{ 0 in a }}", "list_too_long", {"a": [*items, 0]})


def test_a_quotient_that_does_not_end_has_28_digits():
    assert render("{{ 2 / 3 }}") == Decimal("0." + "6" * (bounds.DIVISION_DIGITS - 1) + "7")
    assert render("{{ 200 / 3 }}") == Decimal("66." + "6" * (bounds.DIVISION_DIGITS - 3) + "7")


def test_a_slug_is_made_of_the_first_200_characters():
    assert render("{{ a | slugify }}", {"a": "x" * bounds.SLUG_CHARACTERS}) == "x" * bounds.SLUG_CHARACTERS
    assert render("{{ a | slugify }}", {"a": "x" * (bounds.SLUG_CHARACTERS + 1)}) == "x" * bounds.SLUG_CHARACTERS


def test_a_text_splits_into_ten_thousand_parts():
    assert len(render("{{ a | split: ',' }}", {"a": "," * (bounds.LIST_ITEMS - 1)})) == bounds.LIST_ITEMS
    refused("{{ a | split: ',' }}", "list_too_long", {"a": "," * bounds.LIST_ITEMS})


def test_flattened_lists_have_ten_thousand_items_together():
    half = [0] * (bounds.LIST_ITEMS // 2)
    assert len(render("{{ a | flatten }}", {"a": [half, half]})) == bounds.LIST_ITEMS
    refused("{{ a | flatten }}", "list_too_long", {"a": [half, half, 1]})


@pytest.mark.parametrize(
    "text",
    [
        "{{ a | replace: 'x', a }}",
        "{{ a | split: 'x' | join: a }}",
        "{{ xs | join: a }}",
        "{{ xs | bullet_list }}",
        "{{ xs | numbered_list }}",
        "{{ xs | json }}",
        "<{{ xs }}>",
        "{{ a }}{{ a }}" * 250,
        "{{ a | escape_html }}",
        "{{ a | url_encode }}",
    ],
)
def test_nothing_large_is_built_before_it_is_refused(text):
    big = "<x" * (MEGABYTE // 4 + 2_000)
    scope = {"a": big, "xs": [big] * 5_000}
    template = compile_template(text)
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(LanguageError):
        template(scope)
    assert time.process_time() - started < 20
    assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    tracemalloc.stop()


def test_values_nest_as_deep_as_json_may():
    deep = "x"
    for _ in range(bounds.VALUE_DEPTH):
        deep = [deep]
    assert render("<{{ a }}>", {"a": deep})
    assert render("{{ a == b }}", {"a": deep, "b": deep}) is True
    refused("<{{ a }}>", "too_deep", {"a": [deep]})
    refused("{{ a | json }}", "too_deep", {"a": {"b": deep}})
    refused("{{ a == b }}", "too_deep", {"a": [deep], "b": [deep]})
    refused("{{ a | unique }}", "too_deep", {"a": [[deep]]})


@pytest.mark.parametrize("slots", [1, 2, 3, 4, 5, 6, 7, 99, 100, 101])
@pytest.mark.parametrize("length", [3, 4_096, 4_097])
def test_texts_of_any_number_of_placeholders_are_put_together_alike(slots, length):
    scope = {"m": {"t": "x" * length, "n": 10**18, "d": Decimal("1.50")}, "t": "y" * length}
    cycle = ["{{ m.t }}", "{{ m.n }}", "{{ m.t | uppercase }}", "{{ t }}", "{{ m.d }}"]
    written = ["x" * length, str(10**18), "X" * length, "y" * length, "1.50"]
    source = "<" + "-".join(cycle[index % 5] for index in range(slots)) + ">"
    assert render(source, scope) == "<" + "-".join(written[index % 5] for index in range(slots)) + ">"
    for missing in ({}, {"m": {}, "t": "y"}, {"m": None, "t": "y"}):
        refused(source, "missing_value", missing)
