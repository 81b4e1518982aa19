"""Promise 10: once a pause is committed no step begins; after it, everything that waited goes on and is done once."""

from __future__ import annotations

import time

from apps_engine.services.apps import create_app, pause_app, resume_app
from apps_engine.services.runs import run_app
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Community, Workload
from tests.faults.world import World
from tests.waiting import until

PAUSES, SHORT_PAUSES = 12, 2
# So long we look whether a step begins after all.
LOOK_SECONDS = 1.5
# Runs that only read, for half a second or so in a batch of their own; and some that are a chunk of a loop for long.
READERS, WALKERS = 200, 4
LOOP_ACTIONS = 12
# Between the look at the app and the step lies no statement, but the processor may be taken away there.
LATE_MS = 20
_NOW = "SELECT clock_timestamp()"
# While an app is paused it hears of nothing.
_WAITING = "SELECT count(*) FROM community_outboxevent WHERE tenant_id = %(tenant)s"
_BEGUN = """
SELECT a.name, s.path, s.started_at - %(since)s FROM engine_stepresult s
JOIN engine_execution e ON e.id = s.execution_id JOIN engine_app a ON a.id = e.app_id
WHERE e.tenant_id = %(tenant)s AND s.started_at > %(since)s + %(late)s * interval '1 millisecond'
"""
_WALKED = "SELECT count(*) FROM community_notification WHERE tenant_id = %(tenant)s AND title = 'walked'"
_UNDER_WAY = "SELECT count(*) FROM engine_execution WHERE app_id = %(app)s AND state = 'running'"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload, pauses = Workload(world, loops=False), SHORT_PAUSES if short else PAUSES
    home = workload.communities[0]
    world.sink.seconds = 0.1
    readers, walkers = _new_readers(home), _new_walkers(home)
    with world.fleet(workers=3) as fleet:
        until(fleet.ready, "the processes are up", 120)
        for place in range(pauses):
            workload.emit(BURST * 20)
            until(lambda: world.read(_WAITING, {"tenant": home.id}) == [(0,)], "the events are taken in", 60)
            app, runs = (readers, READERS) if place % 2 else (walkers, WALKERS)
            _start(home, app, runs)
            until(lambda app=app: world.read(_UNDER_WAY, {"app": app}) != [(0,)], "the app's runs are under way", 60)
            _pause(home)
            ((paused_at,),) = world.read(_NOW)
            time.sleep(LOOK_SECONDS)
            begun = world.read(_BEGUN, {"tenant": home.id, "since": paused_at, "late": LATE_MS})
            outcome.made("pause")
            told = [f"{path} of {app} {late.total_seconds() * 1000:.0f} ms late" for app, path, late in begun]
            outcome.require(not told, f"steps began after the pause was committed: {told}")
            _resume(home)
        workload.wait()
    workload.tally(outcome)
    expected = [(WALKERS * pauses // 2 * LOOP_ACTIONS * len(home.members),)]
    walked = world.read(_WALKED, {"tenant": home.id})
    outcome.require(walked == expected, f"the loops left {walked[0][0]} stamps instead of {expected[0][0]}")
    outcome.judge(world.history)


def _new_readers(home: Community) -> int:
    """An app whose runs share a batch and do nothing there but fetch."""
    steps = [{"id": f"members{number}", "fetch": "users", "fields": ["id"], "limit": 200} for number in range(2)]
    with tenant_scope(home.id):
        settings = {"concurrency": {"mode": "parallel"}}
        return int(create_app(home.principal, definition(steps, name="Readers", settings=settings)).pk)


def _new_walkers(home: Community) -> int:
    """An app whose runs do many things for each member, in chunks of a loop."""
    fetch = {"id": "members", "fetch": "users", "fields": ["id"], "limit": 1000}
    stamp = {"act": "stamp", "params": {"member_id": "{{ member.id }}", "text": "walked"}}
    body = [{**stamp, "id": f"stamp{number}"} for number in range(LOOP_ACTIONS)]
    steps = [fetch, {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": body}]
    with tenant_scope(home.id):
        settings = {"concurrency": {"mode": "parallel"}}
        return int(create_app(home.principal, definition(steps, name="Walkers", settings=settings)).pk)


def _start(home: Community, app: int, runs: int) -> None:
    with tenant_scope(home.id):
        for _ in range(runs):
            run_app(home.principal, app)


def _pause(home: Community) -> None:
    with tenant_scope(home.id):
        for app in App.objects.filter(status="active"):
            pause_app(home.principal, app.pk, "a look")


def _resume(home: Community) -> None:
    with tenant_scope(home.id):
        for app in App.objects.filter(status="paused"):
            resume_app(home.principal, app.pk)
