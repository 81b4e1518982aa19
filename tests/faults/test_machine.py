"""Runs keep their invariants whatever workers and people do to them, in whatever order (docs/execution.md 4 to 9)."""

from __future__ import annotations

import pytest

from tests.faults.promises.any_order import machine_of, run_machine
from tests.faults.world import world

EXAMPLES, STEPS = 5, 20


@pytest.mark.requirement("RUN-01", "RUN-04", "RUN-05")
def test_one_owner_at_a_time_growing_fences_final_ends_and_single_effects(service_environment, database, tmp_path):
    environment = {**service_environment, "DATABASE_URL": database}
    with world("machine", environment, tmp_path) as made:
        run_machine(machine_of(made), EXAMPLES, STEPS)
