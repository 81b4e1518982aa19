"""From a hint to finished runs: lock, claim, execute, and go on with what waited for the same key."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import deque
from collections.abc import Sequence

from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from apps_engine.services.batch import execute_batch
from apps_engine.services.engine.work import LEASE_LOST
from apps_engine.services.execute import execute
from apps_engine.services.hints import RUN_TASK, TASKS, send_hint
from apps_engine.services.straight import may_batch
from apps_engine.store.attempts import begin
from apps_engine.store.batches import Line, claim_line, lines
from apps_engine.store.claims import Claimed, claim, hand_back
from apps_engine.store.models import Execution, Lane
from apps_engine.store.queue import Queued, due_keys, heads, waiting
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
# States that are written by who ends the run: whoever cancels it may not be on the disk either.
ENDED_HERE = frozenset(Execution.State.values) - {Execution.State.CANCELLED}
# So long a run of the consumer waits for a lock, and so long its runs may take: meanwhile nobody takes events in.
LOCK_SECONDS = 0.5
SPOT_SECONDS = 0.25


def owner() -> str:
    """Who holds a lease, for people to read."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_hinted(ids: Sequence[int], lane: str | None = None) -> int:
    """Run those of `ids` that are due and that nobody else is running, and then what waited for the same keys.

    Before them, and every now and then, come the next few of each tenant that waits too long behind other keys: a
    thousand events of one hold up nobody else. Returns how many runs were made. What is left when the turn is over, and
    what belongs to another lane than the given one, is hinted anew.
    """
    todo = _sorted(ids, lane)
    locks = KeyLocks()
    with Heartbeat(also=locks.extend) as heartbeat:
        turn = _Turn(locks, heartbeat)
        while not turn.is_over():
            turn.keys.clear()
            due = due_keys(todo)
            ours = {run.key for run in due}
            others = [run for run in due_keys(heads(BURST_SECONDS, BATCH, lane)) if run.key not in ours]
            turn.run(others, most=BATCH, again=False)
            left = turn.run(due, most=MOST_TOGETHER, again=True)
            # Asked after the locks were let go: who found one taken before that counts on us, who comes later does not.
            todo = [*left, *_sorted(waiting(turn.keys, BATCH), lane)] if turn.keys else left
            if not todo:
                break
    if todo:
        _hint(todo, lane)
    return turn.made


def run_here(works: Sequence[Claimed], heartbeat: Heartbeat) -> bool:
    """Run what the consumer claimed with the event that it took in; what waits for the same keys is hinted.

    One that is to wait for somebody's lock goes to the workers, with those behind it, and so does at its next step what
    takes longer than SPOT_SECONDS: events are taken in meanwhile.
    Returns whether each of them is known to have been committed after its claim, which is then on the disk as well.
    Raises nothing: a run that could not be ended is found by the sweep when its lease is over.
    """
    left, known, until = deque(works), True, time.monotonic() + SPOT_SECONDS
    with heartbeat.holding(*works):
        try:
            while left and (state := _on_the_spot(left[0], until)) is not None:
                known = known and state in ENDED_HERE
                left.popleft()
            known = _leave(left) and known
        except Exception:
            # Events are taken in all the same, by whatever this run was brought down.
            logger.exception("run %s was not ended; it goes on elsewhere", left[0].id)
            connections.close_all()
            return False
    return known


def _on_the_spot(work: Claimed, until: float) -> str | None:
    """Run it, unless it is not ours any more; returns what became of it, None where it waits too long for a lock."""
    begun = begin(work)
    if begun is None:
        return LEASE_LOST
    try:
        state = execute(begun, LOCK_SECONDS, until)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return None
    _tell(begun, state)
    behind = waiting({(work.app_id, work.concurrency_key)}, BATCH)
    if behind:
        send_hint(RUN_TASK, behind)
    return state


def _leave(works: Sequence[Claimed]) -> bool:
    freed = [work.id for work in works if hand_back(work)]
    if freed:
        logger.info("runs %s go on elsewhere, since somebody holds a lock that the first of them needs", freed)
        send_hint(RUN_TASK, freed)
    return len(freed) == len(works)


def _sorted(ids: Sequence[int], lane: str | None) -> list[int]:
    """Those of the lane; the others are told to its workers, or kept where nobody can be told."""
    due = due_keys(ids) if lane else []
    others = [run.id for run in due if run.lane != lane]
    if others and _hint(others, Lane.CALLS if lane == Lane.RUNS else Lane.RUNS):
        return [run.id for run in due if run.lane == lane]
    return list(ids)


def _hint(ids: Sequence[int], lane: str | None) -> bool:
    return send_hint(TASKS[lane or Lane.RUNS], list(ids))


def _tell(work: Claimed, state: str) -> None:
    if state == LEASE_LOST:
        LEASES_LOST.inc()
    about = {"tenant_id": work.tenant_id, "app_id": work.app_id, "run_id": work.id}
    logger.info("run %s of app %s (tenant %s): %s", work.id, work.app_id, work.tenant_id, state, extra=about)


class _Turn:
    """What a hint sets going: its locks, its leases, and what was done."""

    def __init__(self, locks: KeyLocks, heartbeat: Heartbeat) -> None:
        self._locks = locks
        self._heartbeat = heartbeat
        self._ends = time.monotonic() + TURN_SECONDS
        self.made = 0
        # Of the runs that were made, where others may wait: behind the same key, or for the next batch.
        self.keys: set[tuple[int, str]] = set()

    def is_over(self) -> bool:
        """Whether no more runs are begun."""
        return is_stopping() or time.monotonic() >= self._ends

    def run(self, due: Sequence[Queued], *, most: int, again: bool) -> list[int]:
        """Run what can be claimed: up to `most` together where that is possible, the rest one at a time.

        With `again` for as long as others can wait, some of them at least, and what else stands in the same lines;
        otherwise one batch of each. Returns those for which there was no time.
        """
        ours = self._locks.acquire({run.key for run in due if run.most == 1})
        # What the locks took is nobody's time.
        ends = min(self._ends, time.monotonic() + BURST_SECONDS) if again else self._ends
        try:
            free = [run for run in due if run.most != 1 or run.key in ours]
            if any(run.crowded for run in free) and self._run_lines([run.id for run in free], most, again, ends):
                if self._past(ends):
                    return [run.id for run in free]
                free = due_keys([run.id for run in free])
            return self._run_one_by_one(free, ends)
        finally:
            self._locks.release()

    def _run_lines(self, ids: Sequence[int], most: int, again: bool, ends: float) -> bool:
        """Run what stands in line with these and may share a transaction; whether there was any.

        The lines take turns, a batch each. What falls out of a batch is queued again and is nobody's: the caller finds
        it when it claims one at a time.
        """
        standing = deque(line for line in lines(ids) if may_batch(line))
        found = bool(standing)
        while standing:
            line = standing.popleft()
            if self._run_batch(line, most) and again:
                standing.append(line)
            if self._past(ends):
                break
        return found

    def _run_batch(self, line: Line, most: int) -> bool:
        """Run the next batch of a line; whether there may be more."""
        batch = claim_line(owner(), line, most)
        if batch is None:
            return False
        with self._heartbeat.holding(*batch.held):
            left = execute_batch(batch)
        about = {"tenant_id": line.tenant_id, "app_id": line.app_id}
        logger.info("%s runs of app %s (tenant %s) together", len(batch.runs), line.app_id, line.tenant_id, extra=about)
        self.made += len(batch.runs) - len(left)
        is_full = len(batch.runs) == most
        if line.exclusive or is_full:
            self.keys.add((line.app_id, line.concurrency_key))
        return is_full

    def _run_one_by_one(self, free: Sequence[Queued], ends: float) -> list[int]:
        """Claiming several would make them wait for the first, and would count an attempt of each when it kills us."""
        counted = {run.id for run in free if run.most or run.crowded}
        left = [run.id for run in free]
        while left and not self.is_over():
            # Asking for a few costs a fraction of asking for all that the hint names.
            claimed = claim(owner(), 1, left[:BATCH])
            if not claimed:
                del left[:BATCH]
                continue
            work = claimed[0]
            with self._heartbeat.holding(work):
                state = execute(work)
            _tell(work, state)
            left.remove(work.id)
            self.made += 1
            if work.id in counted:
                self.keys.add((work.app_id, work.concurrency_key))
            if self._past(ends):
                break
        return left

    def _past(self, ends: float) -> bool:
        return is_stopping() or time.monotonic() >= ends
