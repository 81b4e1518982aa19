"""Promise 3: the connection is cut when the other side has committed and its answer is under way."""

from __future__ import annotations

from collections import Counter

from apps_engine.services.apps import create_app, resume_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.outcome import Outcome
from tests.faults.workload import PATIENT, Community, community
from tests.faults.world import World
from tests.waiting import until

RUNS, SHORT_RUNS = 40, 6
ANSWER = b"HTTP/1.0 200"
_STATES = "SELECT state, count(*) FROM engine_execution WHERE app_id = %(app)s GROUP BY state"
_EFFECTS = """
SELECT e.state, count(*) FROM engine_effect e JOIN engine_execution x ON x.id = e.execution_id
WHERE x.app_id = %(app)s GROUP BY e.state
"""


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    runs = SHORT_RUNS if short else RUNS
    home = community(world, 1)
    with world.fleet(workers=2, consumers=0) as fleet:
        until(fleet.ready, "the processes are up", 120)
        keyed = _told(world, home, "tell_keyed", runs)
        _are_over(world, home, keyed, runs)
        outcome.made("answer lost", world.outside.swallowed)
        _count_keyed(world, outcome, keyed, runs)
        before = len(world.sink.requests)
        once = _told(world, home, "tell_once", runs)
        _are_over(world, home, once, runs)
        outcome.made("answer lost", world.outside.swallowed - outcome.faults["answer lost"])
        _count_once(world, outcome, once, before, runs)
    outcome.judge(world.history)


def _told(world: World, home: Community, action: str, runs: int) -> int:
    """An app that tells the sink, and its runs; of every second answer nobody hears."""
    tell = {"id": "tell", "act": action, "params": {"url": world.sink_url, "text": "run {{ run.id }}"}}
    settings = {"retry": PATIENT, "concurrency": {"mode": "parallel"}}
    world.outside.swallow(ANSWER, runs // 2)
    with tenant_scope(home.id):
        app = create_app(home.principal, definition([tell], name=action, settings=settings))
        for _ in range(runs):
            run_app(home.principal, app.pk)
    return app.pk


def _are_over(world: World, home: Community, app: int, runs: int) -> None:
    """An app that fails five times in a row is paused; somebody looks at it, and has it go on."""

    def over() -> bool:
        with tenant_scope(home.id):
            if App.objects.get(pk=app).status != App.Status.ACTIVE:
                resume_app(home.principal, app)
        states = dict(world.read(_STATES, {"app": app}))
        return sum(states.values()) == runs and not set(states) & {"queued", "running"}

    until(over, "the runs are over", 240)


def _count_keyed(world: World, outcome: Outcome, app: int, runs: int) -> None:
    """Told again under the same key with the same bytes, so that the other side did it once."""
    states = dict(world.read(_STATES, {"app": app}))
    outcome.require(states == {"succeeded": runs}, f"not all are told: {states}")
    requests = Counter(world.sink.requests)
    bodies = {body for _, body in requests}
    outcome.accepted += runs
    outcome.finished += states.get("succeeded", 0)
    outcome.lost += runs - len(bodies)
    outcome.repeated += len(requests) - len(bodies)
    outcome.require(max(requests.values()) > 1, "nothing was told again, so nothing was shown")


def _count_once(world: World, outcome: Outcome, app: int, before: int, runs: int) -> None:
    """Told once; where no answer came, the run says that nobody knows."""
    requests = Counter(world.sink.requests[before:])
    effects = dict(world.read(_EFFECTS, {"app": app}))
    outcome.accepted += runs
    outcome.finished += sum(effects.values())
    outcome.repeated += sum(count - 1 for count in requests.values())
    outcome.lost += runs - sum(effects.values())
    outcome.require(effects.get("unknown", 0) > 0, f"no call is unknown: {effects}")
    outcome.require(effects.get("claimed", 0) == 0, f"a call was left claimed: {effects}")
