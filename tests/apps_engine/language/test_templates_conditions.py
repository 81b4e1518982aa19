"""Conditions and operators: one expression, never a rendered text that is parsed again (LNG-04)."""

import decimal
from decimal import Decimal

import pytest

from apps_engine.language.errors import LanguageError, MissingValue, NumberError, WrongType
from apps_engine.language.templates import compile_condition, compile_template

SCOPE = {
    "now": "2026-11-21T09:00:00Z",
    "member": {"xp": 30, "country": "CH", "tags": ["vip", 3], "nickname": None, "joined": "2026-11-21T10:00:00+01:00"},
    "sorted": {"urgent": [1, 2], "later": []},
    "price": Decimal("12.50"),
    "zero": 0,
    "yes": True,
}


def holds(text, scope=SCOPE):
    return compile_condition(text)(scope)


def value(expression, scope=SCOPE):
    return compile_template(f"{{{{ {expression} }}}}")(scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ $op.sorted.urgent | length }} > 0", True),
        ("{{ $op.sorted.later | length }} > 0", False),
        ("{{ member.xp }} > 0 and {{ member.country }} == 'CH'", True),
        ("member.xp > 30", False),
        ("member.xp >= 30 and not member.country == 'DE'", True),
        ("{{ member.xp > 3 }}", True),
        ("sorted.urgent | length > 1", True),
        ("0 < (sorted.later | length)", False),
        ("(sorted.urgent | length) > 1 and (sorted.later | is_empty)", True),
        ("member.nickname == null", True),
        ("true", True),
        ("false or zero == 0", True),
    ],
)
def test_a_condition_is_one_expression_with_or_without_braces(text, expected):
    assert holds(text) is expected


@pytest.mark.parametrize("source", [True, False])
def test_a_condition_may_be_a_plain_truth(source):
    condition = compile_condition(source)
    assert condition({}) is source
    assert condition.constant


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        (False, False),
        (0, False),
        (Decimal("0.00"), False),
        ("", False),
        ([], False),
        ({}, False),
        (True, True),
        (-1, True),
        (Decimal("0.01"), True),
        ("x", True),
        ([0], True),
        ({"a": None}, True),
    ],
)
def test_only_null_false_zero_and_what_is_empty_do_not_hold(value, expected):
    assert holds("x", {"x": value}) is expected
    assert holds("not x", {"x": value}) is not expected


def test_a_hostile_value_cannot_become_part_of_the_condition():
    assert holds("{{ name }} == 'x'", {"name": "'x' or true or 'y"}) is False


def test_logic_stops_as_soon_as_it_is_decided():
    assert holds("true or missing.value") is True
    assert holds("false and missing.value") is False
    with pytest.raises(MissingValue):
        holds("true and missing.value")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 == 1.0", True),
        ("1 == true", False),
        ("1 == '1'", False),
        ("0 == false", False),
        ("null == false", False),
        ("null != ''", True),
        ("'a' < 'b'", True),
        ("'B' < 'a'", True),
        ("2 < 10", True),
        ("'2' < '10'", False),
        ("price == 12.5", True),
        ("[1, [true]] == [1.0, [true]]", True),
        ("[1] == [true]", False),
        ("member.joined == now", True),
        ("member.joined <= now", True),
        ("now > '2026-11-20'", True),
        ("'2026-11-21T09:00:00Z' < '2026-11-21T09:00:00.5Z'", True),
        ("'vip' in member.tags", True),
        ("3.0 in member.tags", True),
        ("true in member.tags", False),
        ("'x' not in member.tags", True),
        ("'H' in member.country", True),
        ("'xp' in member", True),
        ("member.tags contains 'vip'", True),
        ("'a' in ['a', 'b']", True),
        ("'a' in []", False),
    ],
)
def test_comparisons_compare_values_of_one_kind(expression, expected):
    assert value(expression) is expected


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("member.xp > 'a'", WrongType),
        ("member.tags < member.tags", WrongType),
        ("yes < yes", WrongType),
        ("zero in member.country", WrongType),
        ("1 in zero", WrongType),
        ("member.nickname > 3", MissingValue),
        ("3 in member.nickname", MissingValue),
        ("member.nickname + 1", MissingValue),
        ("member.country + 'x'", WrongType),
        ("member.xp + true", WrongType),
        ("-member.country", WrongType),
        ("member.xp / zero", NumberError),
        ("member.xp % zero", NumberError),
    ],
)
def test_operators_refuse_what_they_cannot_answer(expression, error):
    with pytest.raises(error):
        value(expression)


@pytest.mark.requirement("LNG-07")
def test_an_operator_that_meets_null_names_the_value():
    with pytest.raises(MissingValue) as caught:
        value("member.xp > member.nickname")
    assert caught.value.path == "member.nickname"


@pytest.mark.requirement("LNG-04")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 3 - 2", 5),
        ("100 / 10 / 5", 2),
        ("7 / 2", Decimal("3.5")),
        ("6 / 3", 2),
        ("1 / 3", Decimal("0.3333333333333333333333333333")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("12.50 * 3", Decimal("37.50")),
        ("-7 % 3", 2),
        ("7 % -3", -2),
        ("-7.5 % 2", Decimal("0.5")),
        ("7.5 % -2", Decimal("-0.5")),
        ("--3", 3),
        ("-price", Decimal("-12.50")),
        ("2 - -2", 4),
        ("price*2", Decimal("25.00")),
        ("5 -3", 2),
        ("1 + 2 | round > 2", True),
        ("price * 2 | round", 25),
    ],
)
def test_arithmetic_is_exact_and_follows_precedence(expression, expected):
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.requirement("LNG-04")
def test_division_by_zero_is_a_clear_error():
    with pytest.raises(NumberError) as caught:
        value("price / zero")
    assert caught.value.code == "division_by_zero"
    assert caught.value.retryable is False


def test_negative_literals_keep_all_their_digits():
    digits = "1234567890123456789012345678901234567.891"
    assert value(f"-{digits}") == Decimal(f"-{digits}")


def test_the_callers_decimal_context_has_no_influence():
    with decimal.localcontext() as context:
        context.prec = 3
        context.rounding = decimal.ROUND_UP
        assert value("1.23456 + 1") == Decimal("2.23456")
        assert value("1.23456 | round: 2") == Decimal("1.23")
        assert value("1.23456 * -1 | abs") == Decimal("1.23456")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 or 0 and 0", True),
        ("(1 or 0) and 0", False),
        ("not 0 and 0", False),
        ("not (0 and 0)", True),
        ("not 1 == 2", True),
        ("1 + 1 == 2 and 2 * 2 > 3", True),
        ("not not 1", True),
        ("1 == 1 | ternary: 'yes', 'no'", "yes"),
        ("1 > 2 | not", True),
        ("xs | default: 0 > 3", False),
        ("xs | default: -1 < 0", True),
    ],
)
def test_operators_bind_as_people_expect(expression, expected):
    assert value(expression, {}) == expected


def test_every_language_error_says_that_nothing_was_sent_and_a_retry_is_useless():
    with pytest.raises(LanguageError) as caught:
        value("gone")
    assert (caught.value.sent, caught.value.retryable) == (False, False)
    assert str(caught.value) == "There is no value at `gone`."
