"""Promise 4: workers are frozen past their leases with runs in their hands; what they do when they wake is refused."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.fleet import Fleet
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload
from tests.faults.world import World
from tests.scenarios.processes import Process
from tests.waiting import until

FREEZES, SHORT_FREEZES = 12, 2
# Frozen there, a process has locked its rows: nobody else has them before the database ends its session.
LOCKED = ("step.committing", "finish.committing", "batch.committing", "call.committing",
          "ingest.committing")  # fmt: skip
SHORT_LOCKED = LOCKED[:1]
# Frozen there, it has locked nothing, and goes on with what it takes for its own.
HOLDING = ("call.committed", "call.answered", "step.committed", "claim.committed")
SHORT_HOLDING = HOLDING[:1]
# What a worker says of a run whose fence is no longer its own, and of a session that the database ended meanwhile.
REFUSED, ENDED = ": lease_lost", "idle-in-transaction timeout"
_HELD = """
SELECT split_part(owner, ':', 2)::integer, id, fence FROM engine_execution
WHERE state = 'running' AND lease_until > now() AND tenant_id = ANY(%(tenants)s)
"""
_THEIRS = """
SELECT count(*) FROM engine_execution
WHERE state = 'running' AND (id, fence) IN (SELECT * FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[]))
"""
Held = Mapping[int, int]


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world)
    # A run is in the hands of a worker most of the time then.
    world.sink.seconds = 0.5
    with world.fleet(workers=3, consumers=2) as fleet:
        until(fleet.ready, "the processes are up", 120)
        for point in SHORT_LOCKED if short else LOCKED:
            _freeze_at(world, fleet, workload, point)
            outcome.made("freeze in a transaction")
        for point in SHORT_HOLDING if short else HOLDING:
            _freeze_at(world, fleet, workload, point)
            outcome.made("freeze between two transactions")
        for _ in range(SHORT_FREEZES if short else FREEZES):
            workload.emit(BURST * 4)
            worker, held = until(lambda: _frozen(world, fleet, workload), "a worker is frozen with runs", 120)
            outcome.made("freeze of a worker with runs")
            outcome.made("run in its hands", len(held))
            workload.emit(BURST * 2)
            until(lambda held=held: not _still_held(world, held), "others have its runs", 120)
            worker.thaw()
        workload.wait()
        outcome.made("write refused by its fence", _said(world, REFUSED))
        outcome.made("session ended in a transaction", _said(world, ENDED))
        outcome.require(fleet.restarts == 0, f"{fleet.restarts} processes ended")
    workload.tally(outcome)
    outcome.judge(world.history)


def _freeze_at(world: World, fleet: Fleet, workload: Workload, point: str) -> None:
    """A process freezes there, and only after everything is done by others it wakes."""
    world.arm(point, "freeze 1")
    with fleet.resting("consumer"):
        workload.emit(BURST * 19)
    until(lambda: point not in world.armed(), f"a process is frozen at {point}", 120)
    # What a frozen consumer has is published again after a minute, which nobody waits for here.
    world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
    until(workload.is_over, f"others do what a process has that is frozen at {point}", 120)
    fleet.thaw()


def _frozen(world: World, fleet: Fleet, workload: Workload) -> tuple[Process, Held] | None:
    """Freeze a worker; None where it turns out to hold nothing."""
    owners = {pid for pid, _, _ in world.read(_HELD, {"tenants": workload.tenant_ids})}
    for worker in fleet.of("worker"):
        pids = {worker.popen.pid, *worker.children()}
        if not pids & owners:
            continue
        worker.freeze()
        held = {run: fence for pid, run, fence in world.read(_HELD, {"tenants": workload.tenant_ids}) if pid in pids}
        if held:
            return worker, held
        worker.thaw()
    return None


def _still_held(world: World, held: Held) -> bool:
    """Whether a run is where it was when its worker was frozen."""
    ((count,),) = world.read(_THEIRS, {"ids": list(held), "fences": list(held.values())})
    return bool(count)


def _said(world: World, words: str) -> int:
    """How often the workers said so."""
    return sum(log.read_text(errors="replace").count(words) for log in world.folder.glob("worker-*.log"))
