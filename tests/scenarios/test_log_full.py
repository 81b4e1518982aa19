"""A disk without room for another line of the log: the work goes on (promise 9)."""

from __future__ import annotations

import os
import signal

import pytest

from decommerce.operations.presence import presence
from tests.scenarios.definitions import stamping
from tests.scenarios.processes import BEAT, WORKER
from tests.waiting import until


@pytest.mark.requirement("OPS-01", "RUN-04")
def test_a_worker_that_cannot_write_a_line_begins_works_and_replaces_a_child_that_died(
    processes, members, start_runs, stamps, wait_for_states
):
    worker = processes.start("worker", WORKER, {}, disk_full=True)
    beat = processes.start("beat", BEAT, {}, disk_full=True)
    (member,) = members(1)
    wait_for_states(start_runs(stamping(member), 3), "succeeded", 90)
    until(lambda: presence("beat"), "the tick comes from beat")
    (child,) = worker.children()
    os.kill(child, signal.SIGKILL)
    until(lambda: worker.children() not in ([], [child]), "another child")
    wait_for_states(start_runs(stamping(member, "again", name="Again"), 3), "succeeded")
    assert sorted(stamps()) == ["again"] * 3 + ["stamped"] * 3
    assert worker.popen.poll() is None
    assert beat.popen.poll() is None
