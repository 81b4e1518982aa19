"""What cannot be compiled says where, why and what to write instead."""

import re

import pytest

from apps_engine.language.errors import PredicateError, TemplateSyntaxError
from apps_engine.language.predicates import parse_predicate
from apps_engine.language.templates import compile_condition, compile_template, compile_value, template_texts
from tests.apps_engine.language.checked_steps import problems


@pytest.mark.requirement("LNG-05")
@pytest.mark.parametrize(
    ("text", "code", "position", "hint"),
    [
        ("Hi {{ name", "unclosed_placeholder", 3, "Add `}}`"),
        ("Hi {{ name }", "unexpected_character", 11, "A placeholder ends with `}}`."),
        ("{{ }}", "unexpected_end", 3, ""),
        ("{{ 'abc }}", "unclosed_text", 3, "Add '."),
        ("{{ a.b. }}", "unexpected_end", 8, "After a dot comes a name."),
        ("{{ a.0 }}", "unexpected_token", 5, "Write `[0]`."),
        ("{{ a[0 }}", "unexpected_end", 7, "`[` is closed by `]`."),
        ("{{ a[1.5] }}", "bad_index", 4, "Write `[0]` or `['key']`."),
        ("{{ a[true] }}", "bad_index", 4, ""),
        ("{{ (a }}", "unexpected_end", 6, "`(` is closed by `)`."),
        ("{{ a b }}", "unexpected_token", 5, ""),
        ("{{ a + }}", "unexpected_end", 7, ""),
        ("{{ * a }}", "unexpected_token", 3, ""),
        ("{{ a and }}", "unexpected_end", 9, ""),
        ("{{ in a }}", "unexpected_token", 3, "It is an operator"),
        ("{{ a not b }}", "unexpected_token", 9, "Between two values it is `not in`."),
        ("{{ 1 < a < 5 }}", "chained_comparison", 9, "Write `1 < x and x < 5`."),
        ("{{ a = 1 }}", "unexpected_character", 5, "To compare write `==`."),
        ("{{ a && b }}", "unexpected_character", 5, "Write `and`."),
        ("{{ a || b }}", "unexpected_character", 5, "Write `or`."),
        ("{{ !a }}", "unexpected_character", 3, "Write `not`."),
        ("{{ a ? 'b' : 'c' }}", "unexpected_character", 5, "ternary"),
        ("{{ 2 ** 9 }}", "unexpected_character", 5, "There are no powers"),
        ("{{ {'a': 1} }}", "unexpected_character", 3, "Objects cannot be written here."),
        ("{{ a; b }}", "unexpected_character", 4, ""),
        ("{{ a | }}", "unexpected_end", 7, "After `|` comes the name of a filter."),
        ("{{ a | 'b' }}", "unexpected_token", 7, "After `|` comes the name of a filter."),
        ("{{ a | uper }}", "unknown_filter", 7, "Did you mean `uppercase`?"),
        ("{{ a | upcase }}", "unknown_filter", 7, "Here it is called `uppercase`."),
        ("{{ a | map: 'x' }}", "unknown_filter", 7, "Here it is called `pluck`."),
        ("{{ 1 + size(a) }}", "unknown_function", 7, "There are abs, ceil, "),
        ("{{ uppercase(a) }}", "unknown_function", 3, "`value | uppercase`"),
        ("{{ rnd(a) }}", "unknown_function", 3, "Did you mean `round`?"),
        ("{{ 1 + len(a, b) }}", "wrong_argument_count", 7, "For example: len(items)"),
        ("{{ round() }}", "wrong_argument_count", 3, "For example: round(total / 3, 2)"),
        ("{{ max(a, b }}", "unexpected_end", 12, "Items are separated by commas"),
        ("{{ a | round: 1, 2 }}", "wrong_argument_count", 7, "For example: {{ n | round: 2 }}"),
        ("{{ a | replace: 'x' }}", "wrong_argument_count", 7, "replace: '-', ' '"),
        ("{{ a | uppercase: 1 }}", "wrong_argument_count", 7, ""),
        ("{{ a | default }}", "wrong_argument_count", 7, ""),
        ("{{ a | truncate: 'long' }}", "wrong_type", 7, "truncate: 8"),
        ("{{ a | date: '%Q' }}", "bad_date_format", 7, "%Y"),
        ("{{ a | date: '%Y', 'Mars/Olympus' }}", "unknown_time_zone", 7, "Europe/Zurich"),
        ("{{ a | matches: '(' }}", "bad_pattern", 7, "RE2"),
        ("{{ a and b | length }}", "ambiguous_filter", 13, "(value | length)"),
        ("{{ a == b | uppercase }}", "ambiguous_filter", 12, "(value | uppercase)"),
        ("{{ a > b | default: 0 }}", "ambiguous_filter", 11, "(value | default)"),
        ("{{ $oops.x }}", "unknown_alias", 3, "Did you mean `$op`?"),
        ("{{ $op }}", "unknown_alias", 3, "Write `$op.name`."),
        ("{{ $op[0] }}", "unknown_alias", 3, "Write `$op.name`."),
        ("{{ {{ a }} }}", "nested_placeholder", 3, "write the name alone"),
        ("{% if a %}x{% endif %}", "unsupported_statement", 0, "ternary"),
        ("{{ 1 / 0 }}", "division_by_zero", 0, ""),
        ("{{ 'a' + 1 }}", "wrong_type", 0, "side by side"),
        ("half \ud83d", "bad_character", 5, ""),
    ],
)
def test_a_fault_has_a_code_a_place_and_a_way_out(text, code, position, hint):
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_template(text)
    assert (caught.value.code, caught.value.position) == (code, position)
    assert hint in caught.value.hint
    assert caught.value.message.endswith(".")


@pytest.mark.requirement("LNG-05")
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{{ a | uper }}", "There is no filter `uper` (character 8: `uper }}`)."),
        ("{{ 1 + rnd(a) }}", "There is no function `rnd` (character 8: `rnd(a) }}`)."),
        ("é {{ a | uper }}", "There is no filter `uper` (character 10: `uper }}`)."),
        ("Hi\n\n{{ a }} {{ b | uper }}\nBye", "There is no filter `uper` (line 3, character 16: `uper }}`)."),
        ("{{ a | uper: 'a rather long argument' }}", "(character 8: `uper: 'a rather long arg…`)."),
        ("Hi {{ name", "A placeholder has no closing braces (character 4: `{{ name`)."),
        ("{{ a }} and {{ 1 / 0 }}", "A division by zero has no result (character 13: `{{ 1 / 0 }}`)."),
        ("{{ a | default: 'x {{ b | uper }}' }}", "(character 27: `uper }}' }}`)."),
        ("half \ud83d", "The text holds half of a character (character 6: `?`)."),
    ],
)
def test_the_message_points_at_the_character(text, place):
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_template(text)
    assert caught.value.message.endswith(place)
    with pytest.raises(TemplateSyntaxError) as inside:
        compile_value({"a": ["fine", text]})
    assert inside.value.message == caught.value.message


def test_the_message_of_a_condition_points_too():
    with pytest.raises(TemplateSyntaxError, match=re.escape("(character 4, at the end).")):
        compile_condition("a >")
    with pytest.raises(TemplateSyntaxError, match=re.escape("(line 2, character 3: `) > 1`).")):
        compile_condition("a + \n  ) > 1")


@pytest.mark.requirement("LNG-05")
def test_the_message_of_a_filter_object_points_too():
    with pytest.raises(PredicateError) as caught:
        parse_predicate({"xp": {"gte": "{{ least | uper }}"}})
    assert caught.value.path == "/xp/gte"
    assert caught.value.message == "There is no filter `uper` (character 12: `uper }}`)."
    with pytest.raises(PredicateError) as inside:
        parse_predicate({"or": [{"xp": {"in": ["fine", "{{ least | uper }}"]}}]})
    assert inside.value.path == "/or/0/xp/in/1"


@pytest.mark.requirement("LNG-05")
def test_the_problem_that_people_see_points_at_the_character_and_suggests():
    (problem,) = [
        found
        for found in problems({"act": "create_post", "params": {"title": "t", "body": "Hi\n{{ today | uper }}"}})
        if found.code == "unknown_filter"
    ]
    assert problem.path.endswith("/params/body")
    assert problem.message == "There is no filter `uper` (line 2, character 12: `uper }}`)."
    assert problem.hint == "Did you mean `uppercase`?"


def test_an_impossible_constant_is_refused_wherever_it_stands_in_a_text():
    for text in ("{{ 1 / 0 }}", "n = {{ 1 / 0 }}", "{{ n }} {{ 'maybe' | to_bool }}", "{{ n }} {{ null }}"):
        with pytest.raises(TemplateSyntaxError):
            compile_template(text)
    assert compile_template("{{ n }} {{ 1 + 1 }}")({"n": 3}) == "3 2"


def test_a_long_constant_is_checked_but_not_kept():
    template = compile_template("{{ '' | pad_left: 1000000 }}")
    assert template.constant
    assert template({}) is not template({})
    with pytest.raises(TemplateSyntaxError):
        compile_template("{{ 'x' | pad_left: 1000000, 'é' | replace: 'é', 'aaaa' }}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unexpected_end"),
        ("   ", "unexpected_end"),
        ("{{ a }} {{ b }}", "unexpected_token"),
        ("{{ a }} > ", "unexpected_end"),
        ("a }} b", "unexpected_character"),
        ("member's xp > 3", "unclosed_text"),
        ("a == b == c", "chained_comparison"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(text, code):
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_condition(text)
    assert caught.value.code == code


def test_the_fault_of_a_text_inside_a_tree_is_reported():
    with pytest.raises(TemplateSyntaxError, match="no filter `nope`"):
        compile_value({"a": ["fine", {"b": "{{ x | nope }}"}]})


def test_an_impossible_constant_inside_a_tree_is_refused_when_it_is_written():
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_value({"a": "{{ 1 % 0 }}"})
    assert caught.value.code == "division_by_zero"


def test_the_texts_of_a_tree_come_with_their_json_pointers():
    tree = {"a/b": ["x", {"c~d": "y"}], "n": 1, "e": "z"}
    assert list(template_texts(tree)) == [("/a~1b/0", "x"), ("/a~1b/1/c~0d", "y"), ("/e", "z")]
    assert list(template_texts("alone")) == [("", "alone")]
