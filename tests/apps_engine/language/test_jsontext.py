"""JSON in and out: exact, bounded, and nothing that another reader could understand otherwise (SEC-03)."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.jsontext import MAX_DEPTH, JSONDecoder, JSONEncoder, JsonTextError, dumps, loads

pytestmark = pytest.mark.requirement("SEC-03")

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
NUMBERS = st.integers(-(10**40) + 1, 10**40 - 1) | st.decimals(allow_nan=False, allow_infinity=False, places=4)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS.filter(lambda n: abs(n) < 10**30) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)


@given(VALUES)
def test_every_value_comes_back_exactly(value):
    assert loads(dumps(value)) == value
    assert loads(dumps(value, indent=2)) == value
    assert json.loads(json.dumps(value, cls=JSONEncoder), cls=JSONDecoder) == value


@pytest.mark.parametrize("text", ["1.10", "0.1", "1E+3", "12345678901234567890.123456789", "-0.00"])
def test_a_decimal_keeps_every_digit(text):
    value = loads(text)
    assert isinstance(value, Decimal)
    assert dumps([value]) == f"[{text}]"


def test_whole_numbers_stay_whole_and_text_stays_unescaped():
    assert dumps({"b": 1, "a": ["é", "\u2028", None, True]}) == '{"b":1,"a":["é","\u2028",null,true]}'
    assert dumps({"b": 1, "a": 2}, sort_keys=True) == '{"a":2,"b":1}'
    assert type(loads("7")) is int


def test_a_text_cannot_pass_for_a_number():
    assert loads(dumps({"a": Decimal("1.5"), "b": '"1.5', "c": "1.5"})) == {
        "a": Decimal("1.5"),
        "b": '"1.5',
        "c": "1.5",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('[{"b": {"x": 1, "y": 2, "x": 3}}]', "duplicate_key"),
        ("NaN", "not_a_number"),
        ("[-Infinity]", "not_a_number"),
        ("1" * 41, "number_too_long"),
        ("1." + "1" * 40, "number_too_long"),
        ("1e41", "number_too_long"),
        ("1e-42", "number_too_long"),
        ("1e999999999999", "number_too_long"),
        ('"\\u0000"', "nul_character"),
        ('{"a\\u0000": 1}', "nul_character"),
        ('"\\ud83d"', "lone_surrogate"),
        ('"\\udE00\\ud83d"', "lone_surrogate"),
        ("[1,]", "json_syntax"),
        ("", "json_syntax"),
        ("{'a': 1}", "json_syntax"),
        ("1 2", "json_syntax"),
        ('"\t"', "json_syntax"),
        (b"\xff\xfe", "not_utf8"),
        ("[" * 100_000, "too_deep"),
    ],
)
def test_it_refuses_what_readers_understand_differently(text, code):
    with pytest.raises(JsonTextError) as refusal:
        loads(text)
    assert refusal.value.code == code
    assert refusal.value.message
    assert refusal.value.hint


def test_a_syntax_error_tells_line_and_column():
    with pytest.raises(JsonTextError) as refusal:
        loads('{\n  "a": 1\n  "b": 2\n}')
    assert (refusal.value.line, refusal.value.column) == (3, 3)


@pytest.mark.parametrize(
    ("limit", "past"),
    [
        ("1" * 40, "1" * 41),
        ("-" + "1" * 40, "-" + "1" * 41),
        ("[" * MAX_DEPTH + "]" * MAX_DEPTH, "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)),
        ('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH, '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)),
    ],
)
def test_it_accepts_what_is_at_the_limit_and_refuses_one_past_it(limit, past):
    loads(limit)
    with pytest.raises(JsonTextError):
        loads(past)


@pytest.mark.parametrize("text", ['"' + "a" * 98 + '"', '"' + "é" * 49 + '"', b'"' + b"a" * 98 + b'"'])
def test_the_size_cap_counts_bytes(text):
    loads(text, max_bytes=100)
    with pytest.raises(JsonTextError) as refusal:
        loads(text, max_bytes=99)
    assert refusal.value.code == "too_large"


def test_brackets_in_text_do_not_count_as_depth():
    assert loads('"' + "[" * 1000 + '"') == "[" * 1000
    assert loads('["\\"[[[", ' + '"' + "{" * 100 + '"]')[1] == "{" * 100


def test_escaped_backslashes_are_no_troubled_escapes():
    assert loads('"\\\\u0000"') == "\\u0000"
    assert loads('"\\ud83d\\ude00"') == "😀"


def test_a_byte_order_mark_is_no_part_of_the_document():
    assert loads(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")])
def test_nothing_that_is_no_json_is_written(value):
    with pytest.raises(ValueError, match="JSON"):
        dumps({"a": [value]})


def test_what_is_no_json_value_is_not_written():
    with pytest.raises(TypeError):
        dumps({"a": object()})


@pytest.mark.requirement("LNG-05")
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', 2, 2),
        ('{"a": 1, "b": {"a": ["a"], "c": [{"a": 1}]}, "a": 2}', 1, 46),
        ('{"a": "b", "\\u0061" : 2}', 1, 12),
        ('{"b": {"a": 1}, "x": {"a": 1, "a": 2}}', 1, 31),
        ('["NaN",\n NaN]', 2, 2),
        ('{"x": -Infinity}', 1, 7),
        (f'["{"1" * 41}",\n\n{"1" * 41}]', 3, 1),
        ('[1,\n  "fine", "not \\u0000"]', 2, 11),
        ('{"x": "\\ud83d\\ude00", "y": "\\ud83d"}', 1, 28),
        ("[" * 65 + "]" * 65, 1, 65),
        ("[1,]", 1, 4),
    ],
)
def test_a_fault_says_on_which_line_and_column_it_is(text, line, column):
    with pytest.raises(JsonTextError) as refusal:
        loads(text)
    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert f"line {line}, column {column}" in refusal.value.message
    assert refusal.value.message.endswith(".")
