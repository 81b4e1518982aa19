"""The bounds of the work that templates do, and that hostile ones take linear time (SEC-03)."""

import time

import pytest

from apps_engine.language import bounds
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.filters import FILTERS
from apps_engine.language.templates import compile_value
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.columns import compile_column, row_maker
from tests.apps_engine.language.bounded import MEGABYTE, refused, render

pytestmark = pytest.mark.requirement("SEC-03")


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
