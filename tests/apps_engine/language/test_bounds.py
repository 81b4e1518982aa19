"""Every bound holds at the limit and refuses one past it, before anything large is built: what is written (SEC-03)."""

from pathlib import Path

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import TemplateSyntaxError
from apps_engine.language.templates import compile_condition, compile_value
from tests.apps_engine.language.bounded import refused, render

pytestmark = pytest.mark.requirement("SEC-03")


def quoted(levels):
    text = "'x'"
    for _ in range(levels):
        text = f"'-{{{{ {text} }}}}'"
    return text


@pytest.mark.parametrize("name", [name for name in vars(bounds) if name.isupper()])
def test_every_bound_has_a_test(name):
    assert any(f"bounds.{name}" in path.read_text() for path in Path(__file__).parent.glob("test_bounds*.py"))


def test_a_template_of_64_kib_is_taken_and_one_byte_more_refused():
    assert len(render("é" * (bounds.TEMPLATE_BYTES // 2))) == bounds.TEMPLATE_BYTES // 2
    refused("é" * (bounds.TEMPLATE_BYTES // 2) + "x", "template_too_long")
    with pytest.raises(TemplateSyntaxError):
        compile_condition(" " * bounds.TEMPLATE_BYTES + "1")


def test_parentheses_nest_to_the_depth_and_no_further():
    depth = bounds.EXPRESSION_DEPTH - 1
    assert render("{{ " + "(" * depth + "1" + ")" * depth + " }}") == 1
    refused("{{ " + "(" * (depth + 1) + "1" + ")" * (depth + 1) + " }}", "too_deep")


@pytest.mark.parametrize("opened", ["(", "[", "not ", "-", "a[", "a | default: (", "a | default("])
def test_deep_nesting_of_any_sort_is_refused_and_never_exhausts_the_stack(opened):
    refused("{{ " + opened * 4_000 + "1", "unclosed_placeholder")
    refused("{{ " + opened * 4_000 + "1 }}", "too_deep")


def test_a_chain_of_operators_counts_as_depth():
    operands = bounds.EXPRESSION_DEPTH
    assert render("{{ " + " + ".join(["a"] * operands) + " }}", {"a": 1}) == operands
    refused("{{ " + " + ".join(["a"] * (operands + 1)) + " }}", "too_deep", {"a": 1})


def test_alternatives_are_flat_and_may_be_many():
    assert compile_condition(" or ".join(["a"] * 400 + ["1"]))({"a": 0}) is True


def test_sixteen_filters_may_follow_one_another():
    assert render("{{ 'x'" + " | trim" * bounds.FILTER_CHAIN + " }}") == "x"
    refused("{{ 'x'" + " | trim" * (bounds.FILTER_CHAIN + 1) + " }}", "too_many_filters")


def test_literals_with_placeholders_nest_five_times():
    assert render("{{ " + quoted(bounds.LITERAL_NESTING) + " }}") == "-" * bounds.LITERAL_NESTING + "x"
    refused("{{ " + quoted(bounds.LITERAL_NESTING + 1) + " }}", "too_deep")


def test_a_thousand_operations_fit_into_one_text():
    assert render("{{ a }}" * bounds.OPERATIONS, {"a": 1}) == "1" * bounds.OPERATIONS
    refused("{{ a }}" * (bounds.OPERATIONS + 1), "too_many_operations", {"a": 1})


def test_the_operations_of_a_tree_are_counted_together():
    assert len(compile_value(["{{ a }}"] * bounds.OPERATIONS)({"a": 1})) == bounds.OPERATIONS
    with pytest.raises(TemplateSyntaxError):
        compile_value(["{{ a }}"] * (bounds.OPERATIONS + 1))


def test_literals_have_forty_digits():
    assert render("{{ " + "9" * bounds.DIGITS + " }}") == 10**bounds.DIGITS - 1
    refused("{{ " + "9" * (bounds.DIGITS + 1) + " }}", "too_many_digits")
    refused("{{ 1." + "9" * bounds.DIGITS + " }}", "too_many_digits")


def test_a_list_written_out_has_ten_thousand_items():
    assert len(render("{{ [" + "1," * (bounds.LIST_ITEMS - 1) + "1] }}")) == bounds.LIST_ITEMS
    refused("{{ [" + "1," * bounds.LIST_ITEMS + "1] }}", "list_too_long")


def test_a_tree_of_templates_nests_as_deep_as_json_may():
    deep = "{{ a }}"
    for _ in range(bounds.VALUE_DEPTH - 1):
        deep = [deep]
    assert compile_value(deep)({"a": 1})
    with pytest.raises(TemplateSyntaxError):
        compile_value([deep])


def test_a_date_format_cannot_ask_for_width_or_length():
    refused("{{ a | date: '%0999999999d' }}", "bad_date_format", {"a": "2026-11-21"})
    assert render("{{ a | date: f }}", {"a": "2026-11-21", "f": "x" * bounds.FORMAT_CHARACTERS})
    refused("{{ a | date: f }}", "bad_date_format", {"a": "2026-11-21", "f": "x" * (bounds.FORMAT_CHARACTERS + 1)})


def test_a_duration_is_a_century_at_most():
    days = bounds.DURATION_DAYS
    assert render("{{ a | date_sub: d }}", {"a": "2026-11-21", "d": f"{days}d"}).startswith("1926")
    refused("{{ a | date_sub: d }}", "not_a_duration", {"a": "2026-11-21", "d": f"{days + 1}d"})
