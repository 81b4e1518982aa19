"""What holds after every move of the state machine, and at its end."""

from __future__ import annotations

from collections import Counter, defaultdict

from apps_engine.services.runs import FINAL
from apps_engine.store.models import Effect, EventInbox, Execution
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.faults.home import STEPS, TOGETHER, Envelope, Home

# Number, app, state, fence.
Row = tuple[int, int, str, int]


class Ledger:
    """What was accepted and seen in a community. `lost` counts the workers that a run lost in the middle."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.accepted: set[int] = set()
        self.over: dict[int, str] = {}
        self.lost: Counter[int] = Counter()
        self._fences: dict[int, int] = {}
        # How many runs an event must have, once it is in the inbox.
        self._wanted: dict[int, int] = {}
        # What an app had done when it was paused.
        self._still: dict[int, tuple[int, int]] = {}

    def hear(self, envelope: Envelope, listening: bool) -> None:
        """An event was told of, while the app listened or did not; what counts is when it came in."""
        number = envelope["data"]["member"]["xp"]
        with tenant_scope(self._home.id):
            came_in = EventInbox.objects.filter(dedupe_key=envelope["dedupekey"]).count()
            runs = list(Execution.objects.filter(trigger__member__xp=number).values_list("pk", flat=True))
        assert came_in <= 1, f"event {number} came in {came_in} times"
        if came_in:
            self._wanted.setdefault(number, int(listening))
        assert len(runs) == self._wanted.get(number, 0), f"event {number} has the runs {runs}"
        self.accepted.update(runs)

    def fired(self) -> int:
        """How many runs the schedule has made, one for each day."""
        with tenant_scope(self._home.id):
            fired = list(Execution.objects.filter(trigger_type="scheduled").values_list("pk", "trigger__scheduled_for"))
        assert len({day for _, day in fired}) == len(fired), f"a day fired twice: {fired}"
        self.accepted.update(run for run, _ in fired)
        return len(fired)

    def pause(self, place: int) -> None:
        """From now on it does nothing."""
        self._still[place] = self._done_by(self._home.apps[place])

    def resume(self, place: int) -> None:
        self._still.pop(place, None)

    def check(self) -> None:
        """Raise AssertionError with the first that does not hold."""
        with tenant_scope(self._home.id):
            rows: list[Row] = list(Execution.objects.values_list("pk", "app_id", "state", "fence"))
            stamps = Counter(Notification.objects.values_list("title", flat=True))
        running = Counter(app for _, app, state, _ in rows if state == "running")
        for app, most in zip(self._home.apps, self._home.most, strict=True):
            assert most is None or running[app] <= most, f"{running[app]} runs of app {app} are at work, {most} may be"
        told = self._told({run for run, *_ in rows})
        for run, app, state, fence in rows:
            place = self._home.apps.index(app)
            self._check_run(run, state, fence)
            left = {step: stamps[f"{run} {step}"] for step in STEPS[place]}
            once = {1} if state == "succeeded" else {0, 1}
            assert set(left.values()) <= once, f"run {run} is {state} and left {left}"
            if place != TOGETHER:
                self._check_told(run, state, told[run])
        for place, still in self._still.items():
            done = self._done_by(self._home.apps[place])
            assert done == still, f"app {place} is paused, and did {done} instead of {still}"

    def end(self) -> tuple[int, int]:
        """How many runs were accepted, and how many of these came to their end."""
        self.fired()
        left = self.accepted - set(self.over)
        assert not left, f"these runs never end: {sorted(left)}"
        return len(self.accepted), len(self.accepted & set(self.over))

    def _check_run(self, run: int, state: str, fence: int) -> None:
        assert fence >= self._fences.get(run, 0), f"the fence of run {run} shrank"
        assert self.over.get(run, state) == state, f"run {run} was {self.over[run]} and is {state}"
        self._fences[run] = fence
        if state in FINAL:
            self.over[run] = state

    def _check_told(self, run: int, state: str, keys: Counter[str]) -> None:
        """The sink heard one key, and that again only where a worker was lost who may have told it."""
        assert len(keys) <= 1, f"of run {run} the sink heard the keys {keys}"
        assert keys or state != "succeeded", f"of run {run} the sink heard nothing"
        assert keys.total() <= 1 + self.lost[run], f"of run {run} the sink heard {keys}, it lost {self.lost[run]}"

    def _told(self, runs: set[int]) -> dict[int, Counter[str]]:
        told: dict[int, Counter[str]] = defaultdict(Counter)
        for key, body in self._home.world.sink.requests:
            if (run := int(body.split()[1])) in runs:
                told[run][key] += 1
        return told

    def _done_by(self, app: int) -> tuple[int, int]:
        """The stamps that its runs left and the calls that they began."""
        with tenant_scope(self._home.id):
            runs = {str(run) for run in Execution.objects.filter(app_id=app).values_list("pk", flat=True)}
            stamps = sum(title.split()[0] in runs for title in Notification.objects.values_list("title", flat=True))
            return stamps, Effect.objects.filter(execution__app_id=app).count()
