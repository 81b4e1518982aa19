"""Values as JSON: what the standard encoder writes, with decimals as numbers, and no more than may be written."""

import json
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.errors import LanguageError
from apps_engine.language.jsontext import dumps, loads
from apps_engine.language.jsonwriter import TooLong, write_json

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
NUMBERS = st.integers(-(10**39), 10**39) | st.decimals(-(10**9), 10**9, places=4)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.floats(-1e9, 1e9).filter(lambda number: abs(number) > 1e-9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)


class Colour(StrEnum):
    """A text of a type of its own."""

    RED = "red"


@given(VALUES)
def test_it_writes_what_the_standard_encoder_writes(value):
    assert write_json(value, 10**6) == dumps(value)
    assert loads(write_json(value, 10**6)) == loads(dumps(value))


@given(VALUES)
def test_it_writes_a_text_of_just_the_length_that_is_allowed_and_none_that_is_longer(value):
    length = len(dumps(value))
    assert len(write_json(value, length)) == length
    if length > 1:
        with pytest.raises(TooLong):
            write_json(value, length - 1)


def test_types_of_their_own_are_written_as_what_they_are():
    assert write_json([Colour.RED, json.loads("true")], 100) == '["red",true]'


@pytest.mark.parametrize(
    "value", [b"x", {1, 2}, object(), float("nan"), float("inf"), Decimal("NaN"), {1: 2}, [1, [b"x"]], 10**41, (1,)]
)
def test_what_is_no_value_of_the_language_is_refused(value):
    with pytest.raises(LanguageError):
        write_json(value, 1_000)
