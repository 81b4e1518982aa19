"""What holds of every template, however it is written and whatever it reads (SEC-03)."""

import operator
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from apps_engine.language.arithmetic import INTEGER_LIMIT
from apps_engine.language.errors import LanguageError, MissingValue, TemplateSyntaxError
from apps_engine.language.filters import FILTERS
from apps_engine.language.jsontext import loads
from apps_engine.language.kinds import kind_of
from apps_engine.language.templates import compile_condition, compile_template, compile_value

NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12), st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.just("2026-11-21T09:00:00+01:00"))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
PIECES = [
    "{{", "}}", "{", "}", "|", ":", ",", ".", "(", ")", "[", "]", "'", '"', "\\", "$", "$op.", "$trigger", " ", "\n",
    "+", "-", "*", "/", "%", "==", "!=", "<", ">", "=", "and", "or", "not", "in", "contains", "true", "null",
    "a", "b", "now", "0", "1", "12.5", "9" * 41, "é", "%Y", "default", *sorted(FILTERS),
]  # fmt: skip
SOURCES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=20).map(lambda pieces: "{{ a " + " ".join(pieces) + " }}"),
    st.text(max_size=60),
)
SCOPE = {"a": [1, 2], "b": {"a": "x", "b": None}, "now": "2026-11-21T09:00:00Z"}
COMPILERS = (compile_template, compile_condition, compile_value)


def outcome(render):
    """What comes out, or the error of the language; any other error fails the test."""
    try:
        return render()
    except LanguageError as error:
        return error


@pytest.mark.requirement("SEC-03")
@settings(max_examples=600, deadline=None)
@given(source=SOURCES, compiler=st.sampled_from(COMPILERS))
@example(source="{{ a | truncate: 9999999999999999999 }}", compiler=compile_template)
@example(source="{{ a | date: '%' }}", compiler=compile_template)
@example(source="\ud800", compiler=compile_condition)
def test_any_source_renders_or_raises_an_error_of_the_language_quickly(source, compiler):
    started = time.process_time()
    found = outcome(lambda: compiler(source)(SCOPE))
    assert not isinstance(found, LanguageError) or (found.code and found.message)
    assert time.process_time() - started < 5


@pytest.mark.requirement("SEC-03")
@settings(max_examples=1_000, deadline=None)
@given(
    name=st.sampled_from(sorted(FILTERS)),
    subject=VALUES,
    arguments=st.lists(st.one_of(VALUES, st.sampled_from(["a", "xp", "%Y", "UTC", "days", "7d", "USD"])), max_size=3),
)
def test_every_filter_takes_any_value_or_raises_an_error_of_the_language(name, subject, arguments):
    listed = ", ".join(f"x{index}" for index in range(len(arguments)))
    scope = {"x": subject, "now": SCOPE["now"], **{f"x{index}": value for index, value in enumerate(arguments)}}
    template = outcome(lambda: compile_template(f"{{{{ x | {name}({listed}) }}}}"))
    if isinstance(template, TemplateSyntaxError):
        assert template.code == "wrong_argument_count"
    else:
        found = outcome(lambda: template(scope))
        assert isinstance(found, LanguageError) or found is None or kind_of(found)


@given(text=st.text())
def test_a_text_without_braces_renders_as_itself(text):
    assume("{{" not in text and "{%" not in text)
    assert compile_template(text)({}) == text


@given(text=st.text())
def test_any_text_can_be_written_as_a_literal(text):
    literal = text.replace("\\", "\\\\").replace("'", "\\'").replace("{{", "{{ '{{' }}")
    assume("{%" not in text)
    assert compile_template(f"{{{{ '{literal}' }}}}")({}) == text


@given(value=VALUES)
def test_a_lone_placeholder_gives_the_very_value(value):
    assert compile_template("{{ x }}")({"x": value}) is value


@given(value=VALUES)
def test_json_in_text_reads_back_as_the_value(value):
    written = compile_template("{{ x | json }}")({"x": value})
    assert loads(written) == value
    assert compile_template("{{ x | json | parse_json }}")({"x": value}) == value


@given(value=VALUES)
def test_a_tree_of_plain_values_renders_as_itself(value):
    def unbraced(node):
        if isinstance(node, str):
            return node.replace("{", "(")
        if isinstance(node, list):
            return [unbraced(child) for child in node]
        return {key: unbraced(child) for key, child in node.items()} if isinstance(node, dict) else node

    tree = unbraced(value)
    assert compile_value(tree)({}) == tree


@given(value=VALUES, name=st.sampled_from(["x.y", "x[0]", "x['k']", "x.y.z", "y"]))
def test_a_default_always_saves_a_path(value, name):
    assert compile_template(f"{{{{ {name} | default: 'saved' }}}}")({"x": value}) is not None


@given(spaces=st.lists(st.sampled_from(["", " ", "\n", "\t  "]), min_size=8, max_size=8))
def test_white_space_inside_braces_means_nothing(spaces):
    parts = ["a", "[", "1", "]", "|", "default", ":", "3"]
    source = "".join(space + part for space, part in zip(spaces, parts, strict=True))
    assert compile_template(f"{{{{{source}}}}}")(SCOPE) == 2


OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


@st.composite
def arithmetic(draw, depth=0):
    """An expression with as few parentheses as precedence allows, and its value by fractions."""
    if depth > 3 or draw(st.booleans()):
        number = draw(NUMBERS.filter(lambda number: number >= 0))
        return (format(number, "f") if isinstance(number, Decimal) else str(number)), Fraction(number), 3
    symbol = draw(st.sampled_from("+-*"))
    power = 2 if symbol == "*" else 1
    left, left_value, left_power = draw(arithmetic(depth=depth + 1))
    right, right_value, right_power = draw(arithmetic(depth=depth + 1))
    left = left if left_power >= power else f"({left})"
    right = right if right_power > power else f"({right})"
    return f"{left} {symbol} {right}", OPERATIONS[symbol](left_value, right_value), power


@pytest.mark.requirement("LNG-04")
@settings(max_examples=300)
@given(arithmetic())
def test_arithmetic_agrees_with_fractions_while_the_digits_suffice(case):
    source, expected, _ = case
    assume(abs(expected) < 10**15 and (expected * 10**20).denominator == 1)
    found = outcome(lambda: compile_template(f"{{{{ x + {source} }}}}")({"x": 0}))
    if isinstance(found, LanguageError):
        assert found.code == "too_many_digits"
        return
    assert Fraction(found) == expected or abs(Fraction(found) - expected) < Fraction(1, 10**18)


@given(left=NUMBERS, right=NUMBERS)
def test_quotient_and_rest_make_the_number_again(left, right):
    assume(right)
    scope = {"a": left, "b": right}
    rest = compile_template("{{ a % b }}")(scope)
    assert abs(rest) < abs(right)
    assert rest == 0 or (rest > 0) == (right > 0)
    quotient = (Fraction(left) - Fraction(rest)) / Fraction(right)
    assert quotient.denominator == 1


@given(number=st.integers(-INTEGER_LIMIT + 1, INTEGER_LIMIT - 1))
def test_every_number_within_the_bound_is_written_and_read_back(number):
    assert compile_template("{{ '{{ x }}' | to_number }}")({"x": number}) == number
    assert compile_template("n={{ x }}")({"x": number}) == f"n={number}"


@given(value=VALUES)
def test_null_never_shows_as_a_word_in_text(value):
    found = outcome(lambda: compile_template("<{{ x }}>")({"x": value}))
    assert isinstance(found, MissingValue) is (value is None)
