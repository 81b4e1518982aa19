"""A state machine over what workers and people may do to runs, in any order, against a real database.

Workers claim, finish, die, are frozen past their leases and come back; hints come twice; people pause, resume, cancel
and retry. After every move: one owner of a key at most, fences only grow, what is over stays over, and a run has its
effect once if it succeeded and never more than once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from apps_engine.services.apps import create_app, pause_app, resume_app
from apps_engine.services.execute import execute
from apps_engine.services.retries import RETRYABLE, retry_run
from apps_engine.services.runs import FINAL, cancel_run, run_app
from apps_engine.store.claims import Claimed, claim, exhausted, requeue_expired
from apps_engine.store.models import Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.workload import Community
from workers.sweep import end_exhausted

ALONE, PARALLEL = 0, 1
ATTEMPTS = 3
Expire = Callable[[int], None]


class Runs(RuleBasedStateMachine):
    """A subclass says where: `found` makes a community for each example; `expire` ends the lease of a run."""

    found: Callable[[], Community]
    expire: Expire
    # What was done to runs in all examples, and how many there were.
    done: Counter[str]
    made: int
    held = Bundle("held")
    lost = Bundle("lost")

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[int] = []
        self.fences: dict[int, int] = {}
        self.over: dict[int, str] = {}
        self.paused = [False, False]

    @initialize()
    def make_apps(self) -> None:
        self.home = type(self).found()
        stamp = {
            "id": "stamp",
            "act": "stamp",
            "params": {"member_id": self.home.members[0], "text": "run {{ run.id }}"},
        }
        with tenant_scope(self.home.id):
            self.apps = [
                create_app(
                    self.home.principal,
                    definition(
                        [stamp],
                        name=mode,
                        settings={"concurrency": {"mode": mode}, "retry": {"max_attempts": ATTEMPTS}},
                    ),
                ).pk
                for mode in ("queue", "parallel")
            ]

    @rule(place=st.sampled_from((ALONE, PARALLEL)))
    def start(self, place: int) -> None:
        if not self.paused[place]:
            with tenant_scope(self.home.id):
                self.runs.append(run_app(self.home.principal, self.apps[place]).pk)

    @rule(target=held, limit=st.integers(1, 3))
    def claim(self, limit: int) -> object:
        return multiple(*claim("a worker", limit, self.runs)) if self.runs else multiple()

    @rule(work=consumes(held))
    def finish(self, work: Claimed) -> None:
        execute(work)

    @rule(target=lost, work=consumes(held))
    def freeze(self, work: Claimed) -> Claimed:
        """Its worker hears nothing for longer than its lease; or it is dead, and never comes back."""
        type(self).expire(work.id)
        self.done["lease that ran out"] += 1
        return work

    @rule(work=consumes(lost))
    def wake(self, work: Claimed) -> None:
        """A worker that lost its lease goes on as if nothing had happened."""
        taken = self._fence_of(work) > work.fence
        ended = execute(work)
        self.done["late worker"] += 1
        if taken:
            assert ended == "lease_lost", f"run {work.id} has another worker, and this one made it {ended}"
            self.done["late worker refused"] += 1

    @rule()
    def sweep(self) -> None:
        requeue_expired()
        if exhausted():
            end_exhausted()

    @rule(work=held)
    def deliver_twice(self, work: Claimed) -> None:
        """A hint that comes again claims nothing that somebody has."""
        with tenant_scope(self.home.id):
            mine = Execution.objects.filter(pk=work.id, fence=work.fence, state="running").exists()
        assert not (mine and claim("another worker", 1, [work.id]))
        self.done["hint that came twice"] += 1

    @rule(place=st.sampled_from((ALONE, PARALLEL)))
    def pause_or_resume(self, place: int) -> None:
        change = resume_app if self.paused[place] else pause_app
        with tenant_scope(self.home.id):
            change(self.home.principal, self.apps[place])
        self.paused[place] = not self.paused[place]
        self.done["pause or resume"] += 1

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.runs:
            with tenant_scope(self.home.id):
                cancel_run(self.home.principal, data.draw(st.sampled_from(self.runs)))
            self.done["cancel"] += 1

    @rule()
    def retry(self) -> None:
        """Somebody retries the first that failed or is dead."""
        with tenant_scope(self.home.id):
            failed = Execution.objects.filter(pk__in=self.runs, state__in=RETRYABLE).order_by("pk").first()
            if failed is not None:
                retry_run(self.home.principal, failed.pk)
                self.over.pop(failed.pk)
                self.done["retry"] += 1

    @invariant()
    def holds(self) -> None:
        if not self.runs:
            return
        with tenant_scope(self.home.id):
            rows = list(Execution.objects.filter(pk__in=self.runs).values_list("pk", "app_id", "state", "fence"))
            stamps = list(Notification.objects.values_list("title", flat=True))
        assert sum(state == "running" and app == self.apps[ALONE] for _, app, state, _ in rows) <= 1
        for run, _, state, fence in rows:
            assert fence >= self.fences.get(run, 0), f"the fence of run {run} shrank"
            assert self.over.get(run, state) == state, f"run {run} was {self.over[run]} and is {state}"
            self.fences[run] = fence
            if state in FINAL:
                self.over[run] = str(state)
            assert stamps.count(f"run {run}") == (state == "succeeded"), f"run {run} is {state}"

    def _fence_of(self, work: Claimed) -> int:
        with tenant_scope(self.home.id):
            return Execution.objects.values_list("fence", flat=True).get(pk=work.id)

    def teardown(self) -> None:
        """Whatever is left, a worker finishes."""
        if not self.runs:
            return
        type(self).made += len(self.runs)
        with tenant_scope(self.home.id):
            for place, paused in enumerate(self.paused):
                if paused:
                    resume_app(self.home.principal, self.apps[place])
            for run in Execution.objects.filter(pk__in=self.runs, state="running").values_list("pk", flat=True):
                type(self).expire(run)
        self.sweep()
        for _ in self.runs:
            for work in claim("the last worker", 100, self.runs):
                execute(work)
        self.holds()
        assert set(self.over) == set(self.runs), "a run was lost"
