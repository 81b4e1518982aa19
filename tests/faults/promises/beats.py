"""Promise 7: three beats and three workers, some killed on the way, over the hours in which the clocks change.

The database's clock leaps half an hour at a time, and is put back now and then.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from apps_engine.services.apps import create_app
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.clock import Clock, faked_clock
from tests.faults.outcome import Outcome
from tests.faults.workload import PATIENT, Community, community
from tests.faults.world import World
from tests.waiting import until

STEP = timedelta(minutes=30)
HOURLY, NIGHTLY, OFTEN = "0 * * * *", "30 2 * * *", "*/30 * * * *"
# Zurich puts its clocks back on 25 October 2026 at 01:00 UTC, and forward on 28 March 2027 at 01:00 UTC. By schedule:
# when it fires, in UTC. What the clocks repeat fires once, what they skip fires right after the gap.
AUTUMN = (
    datetime(2026, 10, 24, 23, 45, tzinfo=UTC),
    {HOURLY: ["00:00", "01:00", "02:00", "03:00"], NIGHTLY: ["00:30"],
     OFTEN: ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00"]},
)  # fmt: skip
SPRING = (
    datetime(2027, 3, 27, 23, 45, tzinfo=UTC),
    {HOURLY: ["00:00", "01:00", "02:00", "03:00"], NIGHTLY: ["01:00"],
     OFTEN: ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00"]},
)  # fmt: skip
STEPS = 7
_PLAN = "UPDATE engine_schedule SET next_fire_at = %(first)s WHERE app_id = %(app)s"
_FIRE = "UPDATE engine_schedule SET next_fire_at = date_trunc('minute', now()) WHERE app_id = %(app)s"
_DUE = "SELECT count(*) FROM engine_schedule WHERE tenant_id = %(tenant)s AND next_fire_at <= now()"
_OPEN = "SELECT count(*) FROM engine_execution WHERE tenant_id = %(tenant)s AND state <> 'succeeded'"
_STAMPS = "SELECT title FROM community_notification WHERE tenant_id = %(tenant)s AND title LIKE '%%|%%'"


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    with faked_clock(world) as clock:
        for place, (start, fires) in enumerate([AUTUMN] if short else [AUTUMN, SPRING]):
            home = community(world, place)
            clock.set(start)
            canary = _canary(world, home)
            for cron, times in fires.items():
                _schedule(world, home, cron, start, times[0])
            # The clock leaps half an hour at a time: no lease may end in that.
            with world.fleet(workers=3, consumers=0, beats=3, DECOMMERCE_LEASE_SECONDS="86400") as fleet:
                for step in range(STEPS):
                    if step % 3 == 2:
                        fleet.of("beat")[0].kill()
                        outcome.made("kill of a beat")
                    clock.set(start + timedelta(minutes=16) + step * STEP)
                    _wait(world, home, _DUE, "what is due has fired")
                    if step % 3 == 1:
                        _go_back(world, clock, home, canary, start + step * STEP - timedelta(hours=1))
                        outcome.made("clock put back")
                _wait(world, home, _OPEN, "the runs are over")
            _tally(world, outcome, home, start, fires)
    # Leases are counted by a clock that leaps: how long they are over says nothing.
    outcome.bounded = False
    outcome.judge(world.history)


def _go_back(world: World, clock: Clock, home: Community, canary: int, instant: datetime) -> None:
    """The clock is put back by more than an hour; somebody has looked at the schedules before it goes on."""
    clock.set(instant)
    world.run(_FIRE, {"app": canary})
    _wait(world, home, _DUE, "the schedules were looked at")


def _canary(world: World, home: Community) -> int:
    """An app that fires every minute, from when it is told to."""
    stamp = {"id": "stamp", "act": "stamp", "params": {"member_id": home.members[0], "text": "canary"}}
    with tenant_scope(home.id):
        app = create_app(home.principal, definition([stamp], {"type": "scheduled", "cron": "* * * * *"}, name="Canary"))
    world.run(_PLAN, {"first": None, "app": app.pk})
    return app.pk


def _wait(world: World, home: Community, statement: str, what: str) -> None:
    until(lambda: world.read(statement, {"tenant": home.id}) == [(0,)], what, 120)


def _schedule(world: World, home: Community, cron: str, start: datetime, first: str) -> None:
    text = f"{cron}|{{{{ trigger.scheduled_for }}}}"
    stamp = {"id": "stamp", "act": "stamp", "params": {"member_id": home.members[0], "text": text}}
    trigger = {"type": "scheduled", "cron": cron, "timezone": "Europe/Zurich", "catch_up": "10m"}
    settings = {"retry": PATIENT, "concurrency": {"mode": "parallel"}}
    with tenant_scope(home.id):
        app = create_app(home.principal, definition([stamp], trigger, name=cron, settings=settings)).pk
    world.run(_PLAN, {"first": _instant(start, first), "app": app})


def _tally(world: World, outcome: Outcome, home: Community, start: datetime, fires: dict[str, list[str]]) -> None:
    wanted = {f"{cron}|{_instant(start, time):%Y-%m-%dT%H:%M:%SZ}" for cron, times in fires.items() for time in times}
    stamps = Counter(row[0] for row in world.read(_STAMPS, {"tenant": home.id}))
    outcome.accepted += len(wanted)
    outcome.finished += len(wanted & set(stamps))
    outcome.lost += len(wanted - set(stamps))
    outcome.repeated += sum(count - 1 for count in stamps.values())
    outcome.require(set(stamps) <= wanted, f"these fired beyond the plan: {sorted(set(stamps) - wanted)}")


def _instant(start: datetime, time: str) -> datetime:
    """That time (UTC) of the day after `start`."""
    hour, minute = map(int, time.split(":"))
    return (start + timedelta(days=1)).replace(hour=hour, minute=minute)
