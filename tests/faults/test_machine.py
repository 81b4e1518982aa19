"""Runs keep their invariants whatever workers and people do to them, in whatever order (docs/execution.md 4 to 9)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.suite import machine_of
from tests.faults.world import world

EXAMPLES, STEPS = 6, 25


@pytest.mark.requirement("RUN-01", "RUN-04", "RUN-05")
def test_one_owner_at_a_time_growing_fences_final_ends_and_single_effects(service_environment, database, tmp_path):
    environment = {**service_environment, "DATABASE_URL": database}
    with world("machine", environment, tmp_path) as made:
        run_state_machine_as_test(
            machine_of(made),
            settings=settings(
                max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
