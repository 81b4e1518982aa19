"""The database goes away and comes back (docs/execution.md, promise 9)."""

from __future__ import annotations

from collections import Counter

from tests.scenarios.definitions import stamping, stamping_everyone
from tests.scenarios.proxy import wire_to
from tests.waiting import until

ALIASES = ("RUNTIME_DATABASE_URL", "SCHEDULER_DATABASE_URL")


def test_a_worker_outlives_a_database_that_is_away_and_finishes_what_it_had_begun(
    processes, service_environment, members, gate, start_runs, wait_for_states, stamps
):
    everyone = members(300)
    wire = wire_to(service_environment[ALIASES[0]])
    gate.close()
    worker = processes.worker(**{name: wire.through(service_environment[name]) for name in ALIASES})
    begun = start_runs(stamping_everyone(250, gate.path, name="Begun"))
    until(gate.reached, "the loop is in its second chunk")
    wire.cut()
    gate.open()
    queued = start_runs(stamping(everyone[0], name="Queued"), 10)
    worker.wait_for("sweep put off", 20)
    wire.mend()
    wait_for_states([*begun, *queued], "succeeded")
    assert Counter(stamps()) == {**{f"for {member}": 1 for member in everyone}, "stamped": 10}
    assert worker.popen.poll() is None
