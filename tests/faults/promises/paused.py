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
# Runs that only read, for half a second or so in a batch of their own.
READERS = 200
_NOW = "SELECT clock_timestamp()"
# While an app is paused it hears of nothing.
_WAITING = "SELECT count(*) FROM community_outboxevent WHERE tenant_id = %(tenant)s"
_BEGUN = """
SELECT count(*) FROM engine_stepresult s JOIN engine_execution e ON e.id = s.execution_id
WHERE e.tenant_id = %(tenant)s AND s.started_at > %(since)s
"""
_READING = "SELECT count(*) FROM engine_execution WHERE app_id = %(app)s AND state = 'running'"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world, loops=False)
    home = workload.communities[0]
    world.sink.seconds = 0.1
    readers = _new_readers(home)
    with world.fleet(workers=3) as fleet:
        until(fleet.ready, "the processes are up", 120)
        for _ in range(SHORT_PAUSES if short else PAUSES):
            workload.emit(BURST * 20)
            until(lambda: world.read(_WAITING, {"tenant": home.id}) == [(0,)], "the events are taken in", 60)
            _start(home, readers)
            sought = {"tenant": home.id, "app": readers}
            until(lambda sought=sought: world.read(_READING, sought) != [(0,)], "runs that read are under way", 60)
            _pause(home)
            ((paused_at,),) = world.read(_NOW)
            time.sleep(LOOK_SECONDS)
            ((begun,),) = world.read(_BEGUN, {"tenant": home.id, "since": paused_at})
            outcome.made("pause")
            outcome.require(begun == 0, f"{begun} steps began after the pause was committed")
            _resume(home)
        workload.wait()
    workload.tally(outcome)
    outcome.judge(world.history)


def _new_readers(home: Community) -> int:
    """An app whose runs share a batch and do nothing there but fetch."""
    steps = [{"id": f"members{number}", "fetch": "users", "fields": ["id"], "limit": 200} for number in range(2)]
    with tenant_scope(home.id):
        settings = {"concurrency": {"mode": "parallel"}}
        return int(create_app(home.principal, definition(steps, name="Readers", settings=settings)).pk)


def _start(home: Community, app: int) -> None:
    with tenant_scope(home.id):
        for _ in range(READERS):
            run_app(home.principal, app)


def _pause(home: Community) -> None:
    with tenant_scope(home.id):
        for app in App.objects.filter(status="active"):
            pause_app(home.principal, app.pk, "a look")


def _resume(home: Community) -> None:
    with tenant_scope(home.id):
        for app in App.objects.filter(status="paused"):
            resume_app(home.principal, app.pk)
