"""From a hint to finished runs: lock, claim, execute, and go on with what waited for the same key."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import Error as DatabaseError
from django.db import connections

from apps_engine.services.batch import execute_batch
from apps_engine.services.execute import execute
from apps_engine.services.hints import CALL_TASK, RUN_TASK, send_hint
from apps_engine.services.straight import may_batch
from apps_engine.store.batches import Line, claim_line, lines
from apps_engine.store.claims import Claimed, claim, due_keys, heads, waiting
from apps_engine.store.models import Lane
from decommerce.operations.metrics import LEASES_LOST
from decommerce.stopping import is_stopping
from workers.heartbeat import Heartbeat
from workers.locks import KeyLocks

logger = logging.getLogger(__name__)
BATCH = 10
# Runs of one app that share a transaction: a commit is next to nothing then, and nobody waits for long.
MOST_TOGETHER = 200
# A turn begins no more runs after this time: others shall have theirs, and a worker that is told to stop does so soon.
TURN_SECONDS = 5.0
# Who waits longer stands behind somebody's burst: hints come in the order in which they were sent, whosever they are.
BURST_SECONDS = 0.25


def owner() -> str:
    """Who holds a lease, for people to read."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_hinted(ids: Sequence[int], lane: str | None = None) -> int:
    """Run those of `ids` that are due and that nobody else is running, and then what waited for the same keys.

    Before them, and every now and then, comes the next run of each tenant that waits too long: a thousand events of
    one hold up nobody else. Returns how many runs were made. What is left when the turn is over, and what belongs to
    another lane than the given one, is hinted anew.
    """
    ends = time.monotonic() + TURN_SECONDS
    made = 0
    todo = _sorted(ids, lane)
    locks = KeyLocks()
    with Heartbeat(also=locks.extend) as heartbeat:
        while not _over(ends):
            pause = min(ends, time.monotonic() + BURST_SECONDS)
            first = _run_free(heads(BURST_SECONDS, BATCH, lane), locks, heartbeat, ends, together=False)
            done = _run_free(todo, locks, heartbeat, pause)
            made += first.runs + done.runs
            # Asked after the locks were let go: who found one taken before that counts on us, who comes later does not.
            keys = first.keys | done.keys
            todo = [*done.left, *waiting(keys, BATCH)] if keys else done.left
            if not todo:
                break
    if todo:
        _hint(todo, lane)
    return made


def run_here(works: Sequence[Claimed]) -> None:
    """Run what the consumer claimed with the event that it took in; what waits for the same keys is hinted.

    Raises nothing: a run that could not be ended is found by the sweep when its lease is over.
    """
    for work in works:
        try:
            _tell(work, execute(work))
            behind = waiting({(work.app_id, work.concurrency_key)}, BATCH)
        except DatabaseError:
            logger.exception("run %s was not ended; it goes on elsewhere", work.id)
            connections.close_all()
            return
        if behind:
            send_hint(RUN_TASK, behind)


def _sorted(ids: Sequence[int], lane: str | None) -> list[int]:
    """Those of the lane; the others are told to its workers, or kept where nobody can be told."""
    due = due_keys(ids) if lane else []
    others = [run.id for run in due if run.lane != lane]
    if others and _hint(others, Lane.CALLS if lane == Lane.RUNS else Lane.RUNS):
        return [run.id for run in due if run.lane == lane]
    return list(ids)


def _over(ends: float) -> bool:
    return is_stopping() or time.monotonic() >= ends


def _hint(ids: Sequence[int], lane: str | None) -> bool:
    return send_hint(CALL_TASK if lane == Lane.CALLS else RUN_TASK, list(ids))


def _tell(work: Claimed, state: str) -> None:
    if state == "lease_lost":
        LEASES_LOST.inc()
    about = {"tenant_id": work.tenant_id, "app_id": work.app_id, "run_id": work.id}
    logger.info("run %s of app %s (tenant %s): %s", work.id, work.app_id, work.tenant_id, state, extra=about)


@dataclass(slots=True)
class _Done:
    """How many runs were made, of which keys that others may wait for, and which ones there was no time for."""

    runs: int = 0
    keys: set[tuple[int, str]] = field(default_factory=set)
    left: list[int] = field(default_factory=list)


def _run_free(
    ids: Sequence[int], locks: KeyLocks, heartbeat: Heartbeat, ends: float, *, together: bool = True
) -> _Done:
    """Run what can be claimed: together where that is possible, the rest one at a time."""
    done = _Done()
    try:
        due = due_keys(ids)
        free = [run.id for run in due if run.most != 1 or locks.acquire(run.app_id, run.concurrency_key)]
        counted = {run.id for run in due if run.most}
        if together and len(free) > 1 and _run_batches(free, done, heartbeat, ends):
            free = [run.id for run in due_keys(free)]
        _run_one_by_one(free, counted, done, heartbeat, ends)
    finally:
        locks.release()
    return done


def _run_one_by_one(free: list[int], counted: Collection[int], done: _Done, heartbeat: Heartbeat, ends: float) -> None:
    """Claiming several would make them wait for the first, and would count an attempt of each when it kills us."""
    while free and not _over(ends):
        # Asking for a few costs a fraction of asking for all that the hint names.
        claimed = claim(owner(), 1, free[:BATCH])
        if not claimed:
            del free[:BATCH]
            continue
        work = claimed[0]
        with heartbeat.holding(work):
            state = execute(work)
        _tell(work, state)
        free.remove(work.id)
        done.runs += 1
        if work.id in counted:
            done.keys.add((work.app_id, work.concurrency_key))
    done.left = free


def _run_batches(ids: Sequence[int], done: _Done, heartbeat: Heartbeat, ends: float) -> bool:
    """Run what stands in line with these and may share a transaction, however much it is; whether there was any.

    The lines take turns, a batch each. What falls out of a batch is queued again and is nobody's: the caller finds it
    when it claims one at a time.
    """
    found = [line for line in lines(ids) if may_batch(line)]
    waiting_lines = found
    while waiting_lines and not _over(ends):
        waiting_lines = [line for line in waiting_lines if _run_batch(line, done, heartbeat)]
    return bool(found)


def _run_batch(line: Line, done: _Done, heartbeat: Heartbeat) -> bool:
    """Run the next batch of a line; whether there may be more."""
    batch = claim_line(owner(), line, MOST_TOGETHER)
    if batch is None:
        return False
    with heartbeat.holding(*batch.held):
        left = execute_batch(batch)
    about = {"tenant_id": line.tenant_id, "app_id": line.app_id}
    logger.info("%s runs of app %s (tenant %s) together", len(batch.runs), line.app_id, line.tenant_id, extra=about)
    done.runs += len(batch.runs) - len(left)
    if line.exclusive:
        done.keys.add((line.app_id, line.concurrency_key))
    return len(batch.runs) == MOST_TOGETHER
