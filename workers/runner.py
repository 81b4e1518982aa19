"""From a hint to finished runs: lock, claim, execute, and go on with what waited for the same key."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps_engine.services.execute import execute
from apps_engine.services.hints import RUN_TASK, send_hint
from apps_engine.store.claims import claim, due_keys, heads, waiting
from workers.heartbeat import Heartbeat
from workers.locks import KeyLocks

logger = logging.getLogger(__name__)
BATCH = 10
# A turn begins no more runs after this time: others shall have theirs, and a worker that is told to stop does so soon.
TURN_SECONDS = 5.0
# Who waits longer stands behind somebody's burst: hints come in the order in which they were sent, whosever they are.
BURST_SECONDS = 2.0


def owner() -> str:
    """Who holds a lease, for people to read."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_hinted(ids: Sequence[int]) -> int:
    """Run those of `ids` that are due and that nobody else is running, and then what waited for the same keys.

    Before them comes the next run of each tenant that waits too long: a thousand events of one hold up nobody else.
    Returns how many runs were made. What is left when the turn is over is hinted anew.
    """
    ends = time.monotonic() + TURN_SECONDS
    made = 0
    todo = list(ids)
    locks = KeyLocks()
    with Heartbeat(also=locks.extend) as heartbeat:
        first = _run_free(heads(BURST_SECONDS, BATCH), locks, heartbeat, ends)
        made += first.runs
        todo += waiting(first.keys, BATCH) if first.keys else []
        while todo and time.monotonic() < ends:
            done = _run_free(todo, locks, heartbeat, ends)
            made += done.runs
            # Asked after the locks were let go: who found one taken before that counts on us, who comes later does not.
            todo = [*done.left, *waiting(done.keys, BATCH)] if done.keys else done.left
    if todo:
        send_hint(RUN_TASK, todo)
    return made


@dataclass(slots=True)
class _Done:
    """How many runs were made, of which exclusive keys, and which ones there was no time for."""

    runs: int = 0
    keys: set[tuple[int, str]] = field(default_factory=set)
    left: list[int] = field(default_factory=list)


def _run_free(ids: Sequence[int], locks: KeyLocks, heartbeat: Heartbeat, ends: float) -> _Done:
    """Run what can be claimed, one at a time.

    Claiming several at once would make them wait for the first, and would count an attempt of each when it kills us.
    """
    done = _Done()
    try:
        due = due_keys(ids)
        free = [run_id for run_id, app_id, key, exclusive in due if not exclusive or locks.acquire(app_id, key)]
        exclusive_runs = {run_id for run_id, _, _, exclusive in due if exclusive}
        while free and time.monotonic() < ends:
            claimed = claim(owner(), 1, free)
            if not claimed:
                return done
            work = claimed[0]
            with heartbeat.holding(work):
                state = execute(work)
            logger.info("run %s of app %s (tenant %s): %s", work.id, work.app_id, work.tenant_id, state)
            free.remove(work.id)
            done.runs += 1
            if work.id in exclusive_runs:
                done.keys.add((work.app_id, work.concurrency_key))
        done.left = free
    finally:
        locks.release()
    return done
