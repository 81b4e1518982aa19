"""The short form of `make faults`: workers that die, freeze and lose their services lose nothing and repeat nothing."""

from __future__ import annotations

import pytest


@pytest.mark.requirement("RUN-04", "RUN-05")
@pytest.mark.parametrize("name", ["boundaries", "random-kills"])
def test_whatever_happens_to_the_processes_nothing_is_lost_and_nothing_happens_twice(outcome_of, name):
    outcome = outcome_of(name)
    print(outcome.line())
    assert outcome.kept, outcome.line()
    assert outcome.accepted == outcome.finished > 0
    assert outcome.faults
