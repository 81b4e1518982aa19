"""Splitting a total: whatever it is, nothing of it is lost (LNG-04)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.errors import LanguageError
from apps_engine.language.rounding import rounded, split_evenly
from apps_engine.language.templates import compile_template

pytestmark = pytest.mark.requirement("LNG-04")

TOTALS = st.one_of(
    st.integers(-(10**15), 10**15), st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False)
)


def shares(total, parts, *decimals):
    written = f"{{{{ total | split_evenly: {', '.join(['parts', *decimals])} }}}}"
    return compile_template(written)({"total": total, "parts": parts})


@pytest.mark.parametrize(
    ("total", "parts", "decimals", "expected"),
    [
        (100, 3, [], ["33.34", "33.33", "33.33"]),
        (Decimal("47.52"), 4, [], ["11.88"] * 4),
        (Decimal("0.05"), 3, [], ["0.02", "0.02", "0.01"]),
        (Decimal("0.01"), 2, [], ["0.01", "0.00"]),
        (-100, 3, [], ["-33.34", "-33.33", "-33.33"]),
        (0, 2, [], ["0.00", "0.00"]),
        (1, 1, [], ["1.00"]),
        (10, 4, ["0"], ["3", "3", "2", "2"]),
        (Decimal("10.6"), 2, ["0"], ["6", "5"]),
        (Decimal("1.0005"), 2, [], ["0.5003", "0.5002"]),
        (Decimal("1.005"), 2, ["2"], ["0.51", "0.50"]),
    ],
)
def test_a_total_is_split_with_the_larger_shares_first(total, parts, decimals, expected):
    assert [str(share) for share in shares(total, parts, *decimals)] == expected


@given(total=TOTALS, parts=st.integers(1, 200))
def test_the_shares_sum_to_the_very_total(total, parts):
    found = shares(total, parts)
    assert len(found) == parts
    assert sum(found) == total
    assert max(found) - min(found) <= Decimal("0.01")


@given(total=TOTALS, parts=st.integers(1, 200), decimals=st.integers(0, 6))
def test_with_decimals_the_shares_sum_to_the_total_rounded_to_them(total, parts, decimals):
    found = split_evenly(total, parts, decimals)
    assert sum(found) == rounded(total, decimals)
    assert all(rounded(share, decimals) == share for share in found)
    assert max(found) - min(found) <= Decimal(1).scaleb(-decimals)


@pytest.mark.parametrize(
    ("total", "parts", "code"),
    [
        (1, 0, "negative_count"),
        (1, -2, "negative_count"),
        (1, Decimal("1.5"), "not_a_whole_number"),
        (1, 10_001, "list_too_long"),
        (10**39, 2, "too_many_digits"),
        (10**60, 2, "too_many_digits"),
        ("1", 2, "wrong_type"),
    ],
)
def test_what_cannot_be_split_is_an_error(total, parts, code):
    with pytest.raises(LanguageError) as caught:
        shares(total, parts)
    assert caught.value.code == code


@pytest.mark.parametrize("filters", ["split_evenly: n", "split_evenly(1, n)", "clamp(n, 0)", "pad_left: n"])
def test_a_number_of_thousands_of_digits_is_an_error_and_is_not_written_out(filters):
    with pytest.raises(LanguageError):
        compile_template(f"{{{{ [1] | first | {filters} }}}}")({"n": 10**5000})


def test_a_total_is_split_into_ten_thousand_shares():
    assert sum(shares(1, 10_000)) == 1
