"""What a system with nothing to do asks of the machine, with next to no apps and with 10,000 that wait."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from decommerce.operations.figures import queue_lengths
from tests.benchmarks.copies import idle_apps
from tests.benchmarks.growth import Home
from tests.benchmarks.measure import ROUNDS, judge
from tests.scenarios.processes import Process, Processes
from tests.waiting import until

IDLE = 10_000
SECONDS = 10.0
SETTLED_SECONDS = 5.0
PATIENCE_SECONDS = 120
# Of each, so much is as good as nothing.
NOISE = {"transactions": 1, "rows read": 100, "ms at work in the database": 1,
         "ms of CPU of worker, consumer and beat": 10}  # fmt: skip
_TOTALS = """
SELECT xact_commit + xact_rollback,
    (SELECT sum(COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_user_tables), active_time
FROM pg_stat_database WHERE datname = current_database()
"""


def idle(owner: psycopg.Connection, community: Home, processes: Processes) -> None:
    """A worker, a consumer and a beat: what they take together, before the apps are there and after."""
    running = [processes.worker(), processes.consumer(), processes.beat()]
    _settle(owner)
    before = _measured(owner, running)
    idle_apps(owner, *community, IDLE)
    _settle(owner)
    after = _measured(owner, running)
    ((apps,),) = owner.execute("SELECT count(*) FROM engine_app WHERE tenant_id = %s", [community[0].pk]).fetchall()
    assert apps >= IDLE
    print()
    for name, noise in NOISE.items():
        what = f"{SECONDS:g} idle seconds beside {apps:,} apps: {name}, {before[name]:,.0f} then {after[name]:,.0f}"
        judge(what, max(after[name], noise) / max(before[name], noise), must=1.5, goal=1.2, unit="x")


def _settle(owner: psycopg.Connection) -> None:
    """Nothing is left to do: of what others measured, of autovacuum, and of processes that start."""
    owner.execute("DELETE FROM community_outboxevent")
    owner.execute("UPDATE community_outboundmessage SET state = 'failed' WHERE state IN ('queued', 'sending')")
    owner.execute(
        "UPDATE engine_execution SET state = 'cancelled', lease_until = NULL WHERE state IN ('queued', 'running')"
    )
    until(lambda: not any(queue_lengths().values()), "the queues are empty", PATIENCE_SECONDS)
    owner.execute("VACUUM (ANALYZE)")
    time.sleep(SETTLED_SECONDS)


def _measured(owner: psycopg.Connection, running: Sequence[Process]) -> dict[str, float]:
    """The median of some rounds, by name."""
    rounds = [_one_round(owner, running) for _ in range(ROUNDS)]
    return {name: statistics.median(values) for name, values in zip(NOISE, zip(*rounds, strict=True), strict=True)}


def _one_round(owner: psycopg.Connection, running: Sequence[Process]) -> list[float]:
    before = _totals(owner, running)
    time.sleep(SECONDS)
    return [now - then for now, then in zip(_totals(owner, running), before, strict=True)]


def _totals(owner: psycopg.Connection, running: Sequence[Process]) -> list[float]:
    row = owner.execute(_TOTALS).fetchone()
    assert row is not None
    return [*map(float, row), 1000 * sum(map(_cpu_seconds, running))]


def _cpu_seconds(process: Process) -> float:
    """Of the process and those it started."""
    stats = [Path(f"/proc/{pid}/stat").read_text() for pid in (process.popen.pid, *process.children())]
    fields = [stat.rpartition(")")[2].split() for stat in stats]
    # The 14th and 15th of a line: ticks in its own code and in the kernel's.
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")
