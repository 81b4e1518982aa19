"""Workers that are killed, whole or in part (EXECUTION.md, promises 2 and 6)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.scenarios.definitions import stamping_everyone
from tests.waiting import until


@pytest.mark.requirement("RUN-04")
@pytest.mark.requirement("RUN-05")
def test_a_loop_whose_worker_is_killed_in_the_middle_goes_on_elsewhere_and_repeats_nothing(
    processes, members, gate, start_runs, states, wait_for_states, stamps
):
    everyone = members(500)
    gate.close()
    worker = processes.worker()
    run = start_runs(stamping_everyone(250, gate.path))
    until(gate.reached, "the loop is in its third chunk")
    assert len(stamps()) == 200
    worker.kill()
    gate.open()
    assert states(run) == ["running"]

    processes.worker()
    wait_for_states(run, "succeeded")
    assert Counter(stamps()) == {f"for {member}": 1 for member in everyone}
