"""Promise 2: a process that ends, freezes or dawdles at any boundary of a commit loses nothing and repeats nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Collection

from decommerce.failpoints import POINTS
from tests.faults.errands import Errands
from tests.faults.fleet import Fleet
from tests.faults.outcome import Outcome
from tests.faults.workload import BURST, Workload, community
from tests.faults.world import LEASE_SECONDS, World
from tests.waiting import until
from tests.workers.mail_server import running_mail_server

# Done over again they tell and forget the same: tests/workers/test_push.py, the tests of deprecations, and
# tests/apps_engine/services/test_left_calls.py.
AGAIN = ("push_devices", "deprecations", "doubt")
IDEMPOTENT = {f"{name}.{side}" for name in AGAIN for side in ("committing", "committed")}
# A worker that is told to stop comes there: tests/scenarios/test_stopping.py.
STOPPING = {"hand_back.committed"}
# Web processes come there: web_writes.py.
WEB = {f"{name}.{side}" for name in ("request", "tool") for side in ("committing", "committed")}
# Takes an app that is deleted in the moment in which a run of it is queued, and a kill leaves nothing to do over: one
# statement ends the runs, and nobody is told of them. Who comes there: tests/workers/test_sweep.py.
DELETING = {"stranded.committed"}
REACHED = sorted(POINTS - IDEMPOTENT - STOPPING - WEB - DELETING)
# The short form: where a worker's child dies, which costs little.
SHORT = sorted(point for point in POINTS if point.partition(".")[0] in ("claim", "step", "call", "finish", "batch"))
ROUNDS = ("kill", "freeze", "kill", "delay", "kill", "freeze", "kill")
# Of three workers one is awake: where all stand still nobody can have a run within any time.
AT_ONCE = {"freeze": 2, "delay": 2}
ROUND_SECONDS, HURRY_SECONDS = 240.0, 12.0
PAUSE_SECONDS = 0.3
# Few are alive at a time: more would stand in a line, and that would be measured.
MOST_LEFT = 2 * BURST
# A call that is over sooner than a heartbeat comes, and one that is not.
QUICK_SECONDS, SLOW_SECONDS = 0.05, LEASE_SECONDS / 2
# Whoever dies here had a lease.
LOSING = frozenset({"claim.committed", "finish.committing"})
Busy = tuple[Workload, Errands, Fleet]


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    workload = Workload(world)
    with running_mail_server() as mail:
        errands = Errands(world, community(world, 9), mail)
        with world.fleet(workers=2 if short else 3, EMAIL_URL=f"smtp://127.0.0.1:{mail.port}") as fleet:
            until(fleet.ready, "the processes are up", 120)
            for action in ROUNDS[:1] if short else ROUNDS:
                _round(world, outcome, (workload, errands, fleet), action, SHORT if short else REACHED)
            fleet.thaw()
            world.run("UPDATE community_outboxevent SET published_at = published_at - interval '61 seconds'")
            workload.wait()
            errands.wait()
        errands.tally(outcome)
    workload.tally(outcome)
    outcome.judge(world.history)


def _work(world: World, busy: Busy, left: set[str]) -> None:
    """As much as the processes can take. Events of a burst come together, so that their runs share a batch."""
    workload, errands, fleet = busy
    world.sink.seconds = SLOW_SECONDS if "heartbeat.committed" in left else QUICK_SECONDS
    if workload.has_room(MOST_LEFT):
        with fleet.resting("consumer"):
            workload.emit(BURST)
    if errands.has_room():
        errands.run(poison=any(point.startswith("dead") for point in left))


def _round(world: World, outcome: Outcome, busy: Busy, action: str, points: list[str]) -> None:
    """Have each point reached, as many at once as the processes can do without."""
    ends = time.monotonic() + ROUND_SECONDS
    at_once = AT_ONCE.get(action, len(points))
    shuffled = random.sample(points, len(points))
    for start in range(0, len(points), at_once):
        _wave(world, busy, action, shuffled[start : start + at_once], ends)
    left = world.armed()
    outcome.made(action, len(points) - len(left))
    outcome.require(not left, f"nobody came to {', '.join(sorted(left))}")
    for point in left:
        (world.failpoints / point).unlink(missing_ok=True)


def _wave(world: World, busy: Busy, action: str, points: list[str], ends: float) -> None:
    """Arm the points, and work until each has been reached, and whoever froze there is past its lease."""
    _arm(world, action, points, most=3)
    hurry_at, thaws_at = time.monotonic() + HURRY_SECONDS, 0.0
    left = set(points)
    while (left or thaws_at) and time.monotonic() < ends:
        _work(world, busy, left)
        if len(now_left := world.armed() & left) < len(left):
            left, thaws_at = now_left, time.monotonic() + LEASE_SECONDS
        if thaws_at and time.monotonic() >= thaws_at:
            busy[2].thaw()
            thaws_at = 0.0
        if time.monotonic() >= hurry_at:
            # Few processes live long enough to come somewhere three times.
            _arm(world, action, left, most=1)
            hurry_at = time.monotonic() + HURRY_SECONDS
        time.sleep(PAUSE_SECONDS)


def _arm(world: World, action: str, points: Collection[str], most: int) -> None:
    seconds = f" {LEASE_SECONDS + 1}" if action == "delay" else ""
    for point in points:
        world.arm(point, f"{action} {random.randint(1, most)}{seconds}")
    if "requeue.committed" in points and (losing := sorted(LOSING.difference(points))):
        # Nobody has anything to hand back until somebody is lost.
        world.arm(losing[0], "kill 1")
