"""A state machine over what workers and people may do to runs, in any order, against a real database.

Workers claim runs one by one and in batches, finish, are killed on either side of a commit, lose their leases and come
back late; events, schedules and hints come twice; people pause, resume, cancel and retry, in the middle of a run too.
What must hold after every move is in `invariants.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from apps_engine.services.apps import pause_app, resume_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.retries import RETRYABLE, retry_run
from apps_engine.services.runs import cancel_run, run_app
from apps_engine.services.straight import may_batch
from apps_engine.services.tick import tick
from apps_engine.store.batches import Batch, claim_line, lines
from apps_engine.store.claims import Claimed, claim, exhausted, requeue_expired
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.faults.home import ALONE, EVENTS, PLACES, TOGETHER, Envelope, Home, Mode
from tests.faults.invariants import Ledger
from tests.faults.middle import AT_THE_DAY, AT_THE_DOOR, BETWEEN, IN_A_BATCH, IN_A_RUN, dies_at, middle
from workers.sweep import end_exhausted

# What others do meanwhile.
ACTS = ("pause", "cancel", "lease lost")
# What is counted; each of them comes to pass where there are many examples.
KILLED, LATE, REFUSED = "kill in the middle", "late worker", "late worker refused"
FAULTS = (KILLED, LATE, REFUSED, "batch killed in the middle", "late batch", "lease that ran out",
          "hint that came twice", "event that came twice", "kill while an event is taken in", "kill of a tick",
          "pause in the middle", "cancel in the middle", "lease lost in the middle", "pause or resume", "cancel",
          "retry")  # fmt: skip


class Runs(RuleBasedStateMachine):
    """A subclass says where: `found` makes a new community with the apps of the two drawn modes."""

    found: ClassVar[Callable[[Sequence[Mode]], Home]]
    # Over all examples: what was done to runs, and how many were accepted and came to an end.
    done: ClassVar[Counter[str]]
    counts: ClassVar[Counter[str]]
    held = Bundle("held")
    dead = Bundle("dead")
    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        # Runs whose workers lost their leases and do not know.
        self.frozen: list[Claimed] = []

    @initialize(alone=st.sampled_from(("queue", "skip", "restart")), most=st.sampled_from((None, 2, 3)),
                together=st.sampled_from(("queue", "parallel")))  # fmt: skip
    def make_apps(self, alone: str, most: int | None, together: str) -> None:
        self.home = type(self).found([(alone, None), ("parallel", most), (together, None)])
        self.ledger = Ledger(self.home)

    @rule(point=st.sampled_from(AT_THE_DOOR), again=st.booleans())
    def tell(self, point: str, again: bool) -> None:
        """An event comes; or the last one once more, from the queue and as the same change under another number."""
        if not (again and self.home.envelopes):
            self._take_in(self.home.envelope(), point)
            return
        envelope = self.home.envelopes[-1]
        self._take_in(envelope, point)
        self._take_in({**envelope, "id": f"{envelope['id']} again"}, "")
        self.done["event that came twice"] += 1

    @rule(point=st.sampled_from(AT_THE_DAY))
    def fire(self, point: str) -> None:
        """The day comes, again and again."""
        self.home.make_due(self.home.apps[TOGETHER])
        if dies_at(point, tick):
            self.done["kill of a tick"] += 1
        elif self.home.is_active(TOGETHER):
            assert self.ledger.fired() > 0, "a schedule that was due made no run"

    @rule(target=held, place=st.sampled_from(PLACES), more=st.integers(1, 3))
    def claim(self, place: int, more: int) -> object:
        self._start(place, more)
        return multiple(*claim("a worker", more, self.home.runs("queued")))

    @rule(target=batches, more=st.integers(0, 4))
    def claim_together(self, more: int) -> object:
        self._start(TOGETHER, more)
        found = (claim_line("a worker", line, 4) for line in lines(self.home.runs("queued")) if may_batch(line))
        return multiple(*[batch for batch in found if batch is not None])

    @rule(work=consumes(held))
    def finish(self, work: Claimed) -> None:
        execute(work)

    @rule(target=dead, place=st.sampled_from((ALONE, EVENTS)), point=st.sampled_from(IN_A_RUN), late=st.booleans())
    def die(self, place: int, point: str, late: bool) -> object:
        """The worker of a run is killed there, or ends it where it never comes there.

        Nobody knows before the lease is over, and a sweep comes by: soon, or later.
        """
        work = self._claimed(place)
        if work is None or not dies_at(point, partial(execute, work)):
            return multiple()
        self.done[KILLED] += 1
        self.ledger.lost[work.id] += 1
        if late:
            return work
        self.expire(work)
        self.sweep()
        return multiple()

    @rule(work=consumes(dead))
    def expire(self, work: Claimed) -> None:
        self.home.expire(work.id)
        self.done["lease that ran out"] += 1

    @rule(target=held, work=consumes(held), taken=st.booleans())
    def freeze(self, work: Claimed, taken: bool) -> object:
        """Its worker hears nothing for longer than its lease; another one may have its run meanwhile."""
        self.expire(work)
        self.frozen.append(work)
        return multiple(*(self._taken_over(work) if taken else ()))

    @precondition(lambda self: self.frozen)
    @rule()
    def wake(self) -> None:
        """A worker that lost its lease goes on as if nothing had happened."""
        work = self.frozen.pop()
        taken = self.home.fence_of(work.id) > work.fence
        ended = execute(work)
        self.done[LATE] += 1
        if taken:
            self._refused(work, ended)

    @rule(place=st.sampled_from((ALONE, EVENTS)), point=st.sampled_from(BETWEEN), what=st.sampled_from(ACTS))
    def come_between(self, place: int, point: str, what: str) -> None:
        """Somebody pauses or cancels while a run is at work, or takes it, as its worker was not heard of."""
        work = self._claimed(place)
        if work is None:
            return
        others: list[list[Claimed]] = []
        with middle(point, lambda: others.append(self._act_between(work, what))):
            ended = execute(work)
        if others:
            self.done[f"{what} in the middle"] += 1
        for other in chain(*others):
            self._refused(work, ended)
            execute(other)

    @rule(batch=consumes(batches), point=st.sampled_from(("", *IN_A_BATCH)), late=st.booleans())
    def finish_together(self, batch: Batch, point: str, late: bool) -> None:
        """Its worker ends the batch, is killed at its commit, or comes too late, when its runs are others'."""
        if late:
            self._lose(batch)
            self.sweep()
            self.done["late batch"] += 1
        if dies_at(point, partial(execute_batch, batch)):
            self._lose(batch)
            self.done["batch killed in the middle"] += 1

    @rule()
    def sweep(self) -> None:
        requeue_expired()
        if exhausted():
            end_exhausted()

    @rule(work=held)
    def hint_again(self, work: Claimed) -> None:
        """A hint that comes again claims nothing that somebody has."""
        with tenant_scope(self.home.id):
            mine = Execution.objects.filter(pk=work.id, fence=work.fence, state="running").exists()
        assert not (mine and claim("another worker", 1, [work.id]))
        self.done["hint that came twice"] += 1

    @rule(place=st.sampled_from(PLACES))
    def pause_or_resume(self, place: int) -> None:
        self._pause(place) if self.home.is_active(place) else self._resume(place)
        self.done["pause or resume"] += 1

    @rule(which=st.integers(0, 99))
    def cancel(self, which: int) -> None:
        with tenant_scope(self.home.id):
            runs = list(Execution.objects.order_by("pk").values_list("pk", flat=True))
            if runs:
                cancel_run(self.home.principal, runs[which % len(runs)])
                self.done["cancel"] += 1

    @rule()
    def retry(self) -> None:
        """Somebody retries the first that failed or is dead."""
        with tenant_scope(self.home.id):
            failed = Execution.objects.filter(state__in=RETRYABLE).order_by("pk").first()
            if failed is not None:
                retry_run(self.home.principal, failed.pk)
                self.ledger.over.pop(failed.pk)
                self.done["retry"] += 1

    @invariant()
    def holds(self) -> None:
        self.ledger.check()

    def teardown(self) -> None:
        """Whatever is left, a worker finishes; what was told and not heard is told again."""
        if "ledger" not in vars(self):
            return
        for envelope in self.home.envelopes:
            self._take_in(envelope, "")
        self.home.rest()
        for work in self.home.runs("running"):
            self.home.expire(work)
        self.sweep()
        for _ in self.home.runs("queued", "running"):
            for place in PLACES:
                self._resume(place)
            for work in claim("the last worker", 100, self.home.runs("queued")):
                execute(work)
        self.holds()
        accepted, finished = self.ledger.end()
        self.counts.update(accepted=accepted, finished=finished)

    def _start(self, place: int, count: int) -> None:
        with tenant_scope(self.home.id):
            for _ in range(count if self.home.is_active(place) else 0):
                self.ledger.accepted.add(run_app(self.home.principal, self.home.apps[place]).pk)

    def _claimed(self, place: int) -> Claimed | None:
        """A run that a worker has just claimed, of an app that is not paused; None where as many are at work as may."""
        self._resume(place)
        self._start(place, 1)
        with tenant_scope(self.home.id):
            waiting = list(Execution.objects.filter(app_id=self.home.apps[place], state="queued"))
        return next(iter(claim("a worker", 1, [run.pk for run in waiting])), None)

    def _take_in(self, envelope: Envelope, point: str) -> None:
        heard = self.home.is_active(EVENTS)
        if dies_at(point, lambda: ingest([envelope, envelope])):
            self.done["kill while an event is taken in"] += 1
        self.ledger.hear(envelope, heard)

    def _act_between(self, work: Claimed, what: str) -> list[Claimed]:
        """The run as another worker has it then, if one has."""
        if what == "pause":
            self._pause(self.home.apps.index(work.app_id))
        elif what == "cancel":
            with tenant_scope(self.home.id):
                cancel_run(self.home.principal, work.id)
        else:
            self.ledger.lost[work.id] += 1
            self.home.expire(work.id)
            return self._taken_over(work)
        return []

    def _taken_over(self, work: Claimed) -> list[Claimed]:
        self.sweep()
        return claim("another worker", 1, [work.id])

    def _refused(self, work: Claimed, ended: str) -> None:
        assert ended == "lease_lost", f"run {work.id} has another worker, and this one made it {ended}"
        self.done[REFUSED] += 1

    def _lose(self, batch: Batch) -> None:
        for work in batch.held:
            self.home.expire(work.id)

    def _pause(self, place: int) -> None:
        with tenant_scope(self.home.id):
            pause_app(self.home.principal, self.home.apps[place])
        self.ledger.pause(place)

    def _resume(self, place: int) -> None:
        with tenant_scope(self.home.id):
            resume_app(self.home.principal, self.home.apps[place])
        self.ledger.resume(place)
