"""A few thousand of the random cases of `make fuzz`, and that the tally would see a case that breaks its bounds."""

import time

import pytest

from tests.fuzz.cases import Case, case
from tests.fuzz.measure import MOST_BYTES, MOST_SECONDS, TRACED_ONE_IN, TRACED_SECONDS, Tally

pytestmark = pytest.mark.requirement("SEC-03")


def test_three_thousand_cases_stay_within_their_bounds_and_raise_errors_of_the_language_only():
    tally = Tally()
    tally.run(case(number) for number in range(3_000))
    assert tally.cases == 3_000
    assert tally.sound, tally.report()
    kinds = {kind for kind, _ in tally.outcomes}
    assert all(tally.outcomes[kind, "rendered"] for kind in kinds), tally.report()
    assert len({outcome for _, outcome in tally.outcomes}) > 35


def test_a_case_is_the_same_again_by_its_number():
    assert [case(number).shown for number in range(50)] == [case(number).shown for number in range(50)]
    assert case(7).shown != case(7, seed=1).shown


def busy(seconds: float = 1.5 * MOST_SECONDS) -> str:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        sum(range(1_000))
    return "late"


def large() -> str:
    # What is built of memory that was there already is built too soon to be traced.
    busy(2 * TRACED_SECONDS)
    return "x" if sum(map(len, ["y" * 1_000_000 + str(number) for number in range(40)])) else ""


def broken() -> str:
    raise KeyError("not an error of the language")


def test_the_tally_sees_what_takes_too_long_too_much_and_what_raises_something_else():
    tally = Tally()
    tally.run(Case(TRACED_ONE_IN * number, "made", "x", work) for number, work in enumerate((busy, large, broken)))
    assert not tally.sound
    assert [(found.number, found.amount > MOST_SECONDS) for found in tally.slow] == [(0, True)]
    assert [(found.number, found.amount > MOST_BYTES) for found in tally.large] == [(TRACED_ONE_IN, True)]
    assert "KeyError" in tally.faults[0]
    assert "faults 1, over 100 ms 1, over 32 MiB 1" in tally.report()
