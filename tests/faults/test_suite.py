"""The short form of `make faults`: workers that die on both sides of their commits lose nothing and repeat nothing."""

from __future__ import annotations

import pytest


@pytest.mark.requirement("RUN-04", "RUN-05")
def test_whoever_dies_before_or_after_a_commit_nothing_is_lost_and_nothing_happens_twice(outcome_of):
    outcome = outcome_of("boundaries")
    print(outcome.line())
    assert outcome.kept, outcome.line()
    assert outcome.accepted == outcome.finished > 0
    assert outcome.faults
