"""Every bound holds at the limit and refuses one past it, before anything large is built (SEC-03)."""

import time
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import BoundExceeded, LanguageError, PredicateError, TemplateSyntaxError
from apps_engine.language.filters import FILTERS
from apps_engine.language.predicates import bind, matcher, parse_predicate, read_predicate
from apps_engine.language.templates import compile_condition, compile_template, compile_value
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column, row_maker
from tests.apps_engine.language.checked_steps import problems

pytestmark = pytest.mark.requirement("SEC-03")

MEGABYTE = 1_048_576


def render(text, scope=None):
    return compile_template(text)(scope or {})


def refused(text, code, scope=None):
    with pytest.raises(LanguageError) as caught:
        render(text, scope)
    assert caught.value.code == code


def quoted(levels):
    text = "'x'"
    for _ in range(levels):
        text = f"'-{{{{ {text} }}}}'"
    return text


@pytest.mark.parametrize("name", [name for name in vars(bounds) if name.isupper()])
def test_every_bound_has_a_test_here(name):
    assert f"bounds.{name}" in Path(__file__).read_text()


def test_a_template_of_64_kib_is_taken_and_one_byte_more_refused():
    assert len(render("é" * (bounds.TEMPLATE_BYTES // 2))) == bounds.TEMPLATE_BYTES // 2
    refused("é" * (bounds.TEMPLATE_BYTES // 2) + "x", "template_too_long")
    with pytest.raises(TemplateSyntaxError):
        compile_condition(" " * bounds.TEMPLATE_BYTES + "1")


def test_a_result_of_a_mebicharacter_is_taken_and_one_more_refused():
    half = "x" * (bounds.RESULT_CHARACTERS // 2)
    assert len(render("{{ a }}{{ a }}", {"a": half})) == bounds.RESULT_CHARACTERS
    refused("{{ a }}{{ a }}!", "result_too_long", {"a": half})


def test_the_texts_of_one_tree_share_the_bound_of_a_result():
    half = "x" * (bounds.RESULT_CHARACTERS // 2)
    assert compile_value(["{{ a }}", {"b": "{{ a }}"}])({"a": half})[0] == half
    with pytest.raises(BoundExceeded):
        compile_value(["{{ a }}", {"b": "{{ a }}!"}])({"a": half})


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


def test_a_list_written_out_has_ten_thousand_items():
    assert len(render("{{ [" + "1," * (bounds.LIST_ITEMS - 1) + "1] }}")) == bounds.LIST_ITEMS
    refused("{{ [" + "1," * bounds.LIST_ITEMS + "1] }}", "list_too_long")


def test_a_quotient_that_does_not_end_has_28_digits():
    assert render("{{ 2 / 3 }}") == Decimal("0." + "6" * (bounds.DIVISION_DIGITS - 1) + "7")
    assert render("{{ 200 / 3 }}") == Decimal("66." + "6" * (bounds.DIVISION_DIGITS - 3) + "7")


def test_a_slug_is_made_of_the_first_200_characters():
    assert render("{{ a | slugify }}", {"a": "x" * bounds.SLUG_CHARACTERS}) == "x" * bounds.SLUG_CHARACTERS
    assert render("{{ a | slugify }}", {"a": "x" * (bounds.SLUG_CHARACTERS + 1)}) == "x" * bounds.SLUG_CHARACTERS


def test_the_name_of_a_field_has_200_characters():
    assert parse_predicate({"x" * bounds.FIELD_CHARACTERS: 1})
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"x" * (bounds.FIELD_CHARACTERS + 1): 1})
    assert caught.value.code == "bad_field"


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


def test_a_tree_of_templates_nests_as_deep_as_json_may():
    deep = "{{ a }}"
    for _ in range(bounds.VALUE_DEPTH - 1):
        deep = [deep]
    assert compile_value(deep)({"a": 1})
    with pytest.raises(TemplateSyntaxError):
        compile_value([deep])


@pytest.mark.parametrize("pattern", ["^(b+)+$", "^(b|bb)+$", "(.*)*x", "(b{1,20}){1,20}c"])
def test_hostile_patterns_take_linear_time(pattern):
    started = time.process_time()
    assert render("{{ a | matches: p }}", {"a": "b" * 100_000 + "!", "p": pattern}) is False
    assert time.process_time() - started < 20


def test_a_pattern_has_a_thousand_characters_and_no_more_memory_than_a_mebibyte():
    assert render("{{ a | matches: p }}", {"a": "b" * 1_000, "p": "b" * bounds.PATTERN_CHARACTERS}) is True
    refused("{{ a | matches: p }}", "bad_pattern", {"a": "b", "p": "b" * (bounds.PATTERN_CHARACTERS + 1)})
    assert bounds.PATTERN_BYTES == MEGABYTE
    assert render("{{ a | matches: p }}", {"a": "é" * 50, "p": "\\p{L}{50}"}) is True
    refused("{{ a | matches: p }}", "bad_pattern", {"a": "b", "p": "\\p{L}{500}"})


@pytest.mark.parametrize(
    "hostile",
    ["<" * MEGABYTE, "<a" * (MEGABYTE // 2), "<script>" * (MEGABYTE // 8), "<!--" * (MEGABYTE // 4), "&#" + "9" * 9_000,
     "<p>&" * (MEGABYTE // 4), "a\u0300\u0316" * (MEGABYTE // 3)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["strip_html", "slugify", "title", "word_count", "mask_email", "truncate: 10"])
def test_hostile_texts_take_linear_time(hostile, name):
    longest = FILTERS[name.partition(":")[0]].longest
    started = time.process_time()
    render(f"{{{{ a | {name} }}}}", {"a": hostile[:longest]})
    assert time.process_time() - started < 20
    refused(f"{{{{ a | {name} }}}}", "text_too_long" if longest < MEGABYTE else "result_too_long",
            {"a": "x" * (longest + 1)})  # fmt: skip


def test_a_text_that_is_read_letter_by_letter_has_256_ki_characters():
    longest = {name: known.longest for name, known in FILTERS.items() if known.longest < bounds.RESULT_CHARACTERS}
    assert longest == dict.fromkeys(("title", "initials", "strip_html"), bounds.MARKUP_CHARACTERS)
    assert render("{{ a | initials }}", {"a": "x" * bounds.MARKUP_CHARACTERS}) == "X"
    refused("{{ a | initials }}", "text_too_long", {"a": "x" * (bounds.MARKUP_CHARACTERS + 1)})


def test_the_filters_of_a_template_go_over_sixty_thousand_items():
    items = {"a": list(range(bounds.LIST_ITEMS)), "b": list(range(100)), "c": list(range(101))}
    six = " | reverse" * 6
    assert len(render("{{ a" + six + " }}", items)) == bounds.LIST_ITEMS
    refused("{{ a" + six + " | reverse }}", "too_much_work", items)
    most = "{{ a" + " | reverse" * 5 + " | length }}"
    tenth = "{{ b" + " | reverse" * 10 + " | first }}"
    assert render(most + tenth * 10, items)
    refused(most + tenth.replace("b", "c") * 10, "too_much_work", items)


def test_what_takes_no_longer_for_a_longer_value_is_not_counted_as_work():
    items = {"a": list(range(bounds.LIST_ITEMS)), "now": "2026-11-21T09:00:00Z"}
    assert render("{{ a | length }}{{ a | first }}{{ a | take: 1 }}{{ a | is_empty }}" * 50, items)


def test_sixty_four_characters_count_as_an_item():
    most = bounds.ITEMS_VISITED * 64
    half = "x" * (bounds.RESULT_CHARACTERS // 2)
    fits = most // len(half)
    assert render("{{ a | trim | length }}" * fits, {"a": half})
    refused("{{ a | trim | length }}" * (fits + 1), "too_much_work", {"a": half})


def test_a_long_text_that_a_filter_makes_of_a_short_value_counts_too():
    fits = bounds.ITEMS_VISITED * 64 // bounds.RESULT_CHARACTERS
    made = f"{{{{ a | pad_left: {bounds.RESULT_CHARACTERS} | length }}}}"
    assert render(made * fits, {"a": "x"})
    refused(made * (fits + 1), "too_much_work", {"a": "x"})


def test_a_text_that_turns_out_long_is_rendered_once_more_and_counted_once():
    items = {"a": list(range(bounds.LIST_ITEMS)), "long": "x" * 5_000}
    assert len(render("{{ a" + " | reverse" * 6 + " | length }}{{ long }}", items)) == 5_005
    refused("{{ a" + " | reverse" * 7 + " | length }}{{ long }}", "too_much_work", items)


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


def test_the_work_of_a_tree_and_of_all_rows_of_a_map_is_counted_together():
    items = {"a": list(range(bounds.LIST_ITEMS))}
    assert len(compile_value(["{{ a | reverse }}"] * 6)(items)) == 6
    with pytest.raises(BoundExceeded):
        compile_value(["{{ a | reverse }}"] * 7)(items)
    columns = {"share": compile_column("xp / (a | sum)")}
    assert len(TRANSFORMS["map"].apply([{"xp": 1}] * 6, {}, row_maker(columns, items))) == 6
    with pytest.raises(BoundExceeded):
        TRANSFORMS["map"].apply([{"xp": 1}] * 7, {}, row_maker(columns, items))


def test_fifty_thousand_values_inside_others_are_compared():
    # Each list counts for itself and for its items: 497 and 495 * 100 and 3.
    assert bounds.VALUES_COMPARED == 497 + 495 * 100 + 3
    fits = [list(range(99))] * 495 + [list(range(2))]
    assert render("{{ a == b }}", {"a": fits, "b": [*fits]}) is True
    past = [*fits[:-1], list(range(3))]
    refused("{{ a == b }}", "too_much_work", {"a": past, "b": [*past]})
    assert len(render("{{ a | unique }}", {"a": [fits]})) == 1
    refused("{{ a | unique }}", "too_much_work", {"a": [past]})
    refused("{{ x in a }}", "too_much_work", {"a": [[*range(99), n] for n in range(1_100)], "x": [*range(99), -1]})


def test_what_random_templates_found_stays_found():
    refused("{{ a[n] }}", "missing_value", {"a": [1], "n": 10**5_000})
    refused("{{ a | count_by: f }}", "bad_field", {"a": [{"x": 1}], "f": "x" * MEGABYTE})
    refused("{{ a | sort_by: f }}", "bad_field", {"a": [{"x": 1}], "f": "x" * (bounds.FIELD_CHARACTERS + 1)})
    refused("{{ a | json }}", "too_many_digits", {"a": [10**5_000]})
    refused("{{ a | chunk: n }}", "list_too_long", {"a": [1], "n": 10**5_000})


def test_a_date_format_cannot_ask_for_width_or_length():
    refused("{{ a | date: '%0999999999d' }}", "bad_date_format", {"a": "2026-11-21"})
    assert render("{{ a | date: f }}", {"a": "2026-11-21", "f": "x" * bounds.FORMAT_CHARACTERS})
    refused("{{ a | date: f }}", "bad_date_format", {"a": "2026-11-21", "f": "x" * (bounds.FORMAT_CHARACTERS + 1)})


def test_a_link_has_two_thousand_characters():
    frame = len("https://wa.me/?text=")

    def link(length):
        params = {"url": "https://wa.me/", "query": {"text": "x" * length}}
        return TRANSFORMS["build_url"].apply(None, params, None)

    assert len(link(bounds.URL_CHARACTERS - frame)) == bounds.URL_CHARACTERS
    with pytest.raises(BoundExceeded) as caught:
        link(bounds.URL_CHARACTERS - frame + 1)
    assert caught.value.code == "url_too_long"


def test_a_duration_is_a_century_at_most():
    days = bounds.DURATION_DAYS
    assert render("{{ a | date_sub: d }}", {"a": "2026-11-21", "d": f"{days}d"}).startswith("1926")
    refused("{{ a | date_sub: d }}", "not_a_duration", {"a": "2026-11-21", "d": f"{days + 1}d"})


def test_filter_objects_nest_sixteen_times():
    deep = {"a": 1}
    for _ in range(bounds.PREDICATE_DEPTH):
        deep = {"not": deep}
    assert matcher(parse_predicate(deep))({"a": 1}) is True
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"and": [deep]})
    assert caught.value.code == "too_deep"


def test_a_filter_object_that_nests_without_end_is_refused():
    deep = {"a": 1}
    for _ in range(900):
        deep = {"not": deep}
    assert [error.code for error in read_predicate(deep)[1]] == ["too_deep"]


def test_filter_objects_hold_256_comparisons():
    most = [{"a": index} for index in range(bounds.PREDICATE_COMPARISONS)]
    assert matcher(parse_predicate({"or": most}))({"a": 3}) is True
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"or": [*most, {"a": -1}]})
    assert caught.value.code == "too_many_comparisons"
    assert len(read_predicate({"or": most * 20})[1]) == 1


def test_a_list_to_choose_from_has_ten_thousand_items():
    items = list(range(bounds.LIST_ITEMS))
    assert matcher(parse_predicate({"a": items}))({"a": 9_999}) is True
    with pytest.raises(PredicateError):
        parse_predicate({"a": [*items, -1]})
    with pytest.raises(PredicateError):
        bind(parse_predicate({"a": {"in": "{{ xs }}"}}), {"xs": [*items, -1]}, "2026-11-21T09:00:00Z")


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
