"""Twenty apps of three communities, events that start them, and a count of what came of each event.

Events come in bursts of five for one app, by turns in one commit or in five. Each app leaves stamps and tells the sink;
neither is idempotent by itself.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import Error as DatabaseError
from django.db import connections
from kombu.pools import producers

from apps_engine.services.apps import create_app
from decommerce.community.event_catalogue import EVENTS
from decommerce.community.event_queues import events_queue
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.publisher import EVENT_CONTENT_TYPE
from decommerce.community.services.members import NewMember, join_many
from decommerce.operations.broker import broker_connection
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import Principal, system_principal
from tests.apps_engine.services.definitions import definition
from tests.faults.outcome import Outcome
from tests.waiting import until

if TYPE_CHECKING:
    from tests.faults.world import World

EVENT = "member.updated"
TENANTS = 3
APPS = 20
MEMBERS = 210
# Of ten apps one walks through all members by chunks of two hundred, three have one run at a time, and four are such
# that their runs go in batches: those of one act one by one in them, and those of another are always undone.
LOOPS, ALONE, TOGETHER = 9, (3, 4, 8), (0, 1, 2, 4)
SECOND_STEPS = {1: "BROKEN", 2: "REFUSED"}
BURST = 5
MOST_LEFT = 60
PATIENT = {"max_attempts": 10, "backoff": "fixed", "base_seconds": 0.2}
SAMPLE = EVENTS[EVENT].sample
FINAL = "('succeeded', 'failed', 'dead', 'skipped', 'cancelled')"
# What is not over, of this workload's tenants.
_OPEN = f"""
SELECT (SELECT count(*) FROM engine_execution WHERE tenant_id = ANY(%(tenants)s) AND state NOT IN {FINAL})
     + (SELECT count(*) FROM community_outboxevent WHERE tenant_id = ANY(%(tenants)s))
"""
_RUNS = """
SELECT trigger::jsonb #>> '{member,xp}', state FROM engine_execution
WHERE tenant_id = ANY(%(tenants)s) AND trigger_type = 'event'
"""
_STAMPS = "SELECT title, count(*) FROM community_notification WHERE tenant_id = ANY(%(tenants)s) GROUP BY title"
_PAUSED = "SELECT name FROM engine_app WHERE tenant_id = ANY(%(tenants)s) AND status <> 'active'"
_NEW_TENANT = """
INSERT INTO tenancy_tenant (slug, name, timezone, created_at) VALUES (%(slug)s, %(slug)s, 'UTC', now()) RETURNING id
"""


@dataclass(frozen=True)
class Community:
    """A tenant with members."""

    id: int
    slug: str
    members: tuple[int, ...]

    @property
    def principal(self) -> Principal:
        """Somebody who may do everything there."""
        return system_principal(self.id, "the suite")


def app_definition(place: int, url: str, member: int) -> dict[str, Any]:
    """The app of that place."""
    n = "{{ trigger.member.xp }}"
    trigger = {"type": "event", "event": EVENT, "filter": {"member.level": {"eq": place}}}
    settings = {"retry": PATIENT, "concurrency": {"mode": "queue" if place % 10 in ALONE else "parallel"}}
    if place % 10 == LOOPS:
        stamp = {
            "id": "c",
            "act": "stamp",
            "params": {"member_id": "{{ member.id }}", "text": f"{n} c {{{{ member.id }}}}"},
        }
        fetch = {"id": "members", "fetch": "users", "fields": ["id"], "limit": 1000}
        steps = [fetch, {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": [stamp]}]
    elif place % 10 in TOGETHER:
        steps = [
            {"id": name, "act": "stamp_together", "params": {"member_id": member, "text": f"{n} {name}"}}
            for name in ("a", SECOND_STEPS.get(place % 10, "b"))
        ]
    else:
        steps = [
            {"id": "a", "act": "stamp", "params": {"member_id": member, "text": f"{n} a"}},
            {"id": "tell", "act": "tell_keyed", "params": {"url": url, "text": f"event {n}"}},
            {"id": "b", "act": "stamp", "params": {"member_id": member, "text": f"{n} b"}},
        ]
    return definition(steps, trigger, name=f"App {place}", settings=settings)


class Workload:
    """Emits events and knows what must come of them."""

    def __init__(self, world: World, *, loops: bool = True, tenants: int = TENANTS) -> None:
        self._world = world
        self._places = [place for place in range(APPS) if loops or place % 10 != LOOPS]
        self.communities = [community(world, number) for number in range(tenants)]
        self._accepted: list[int] = []
        for place in self._places:
            home = self._home(place)
            with tenant_scope(home.id):
                create_app(
                    system_principal(home.id, "the suite"), app_definition(place, world.sink_url, home.members[0])
                )

    @property
    def tenant_ids(self) -> list[int]:
        return [home.id for home in self.communities]

    def emit(self, count: int = 1) -> None:
        """Emit the next events, repeated under their keys until it is answered."""
        first = len(self._accepted)
        for _, burst in groupby(range(first, first + count), self._commit_of):
            events = list(burst)
            until(lambda events=events: self._emitted(events), f"the events {events} are accepted", 120)
            self._accepted += events

    def tell(self) -> int:
        """Put the next event onto the queue as another service does, whose events stand in no outbox; its number."""
        n, queue = len(self._accepted), events_queue()
        home = self._home(self._place(n))
        envelope = {
            "specversion": "1.0",
            "id": f"event {n}",
            "source": "/suite",
            "type": EVENT,
            "tenantid": home.slug,
            "data": self._data(n),
        }
        with producers[broker_connection()].acquire(block=True) as producer:
            producer.publish(json.dumps(envelope), content_type=EVENT_CONTENT_TYPE, content_encoding="utf-8",
                             routing_key=queue.name, declare=[queue])  # fmt: skip
        self._accepted.append(n)
        return n

    def has_run(self, n: int) -> bool:
        """Whether what the event starts is over."""
        return (str(n), "succeeded") in self._read(_RUNS)

    def is_next_local(self) -> bool:
        """Whether the app of the next event does nothing but what the consumer may do on the spot."""
        return self._place(len(self._accepted)) % 10 in TOGETHER

    def wait(self, seconds: float = 240) -> None:
        """Until everything accepted is over; what is not is lost, and told as that."""
        try:
            until(self.is_over, "everything is over", seconds)
        except AssertionError:
            return

    def is_over(self) -> bool:
        """Whether nothing that was accepted waits or is under way."""
        return self._left() == 0

    def has_room(self, most: int = MOST_LEFT) -> bool:
        """Whether the processes keep up, so that what is measured is not the length of a line."""
        return self._left() < most

    def _left(self) -> int:
        ((left,),) = self._read(_OPEN)
        return int(left)

    def tally(self, outcome: Outcome) -> None:
        """Count what came of the events."""
        runs: dict[int, list[str]] = {}
        for n, state in self._read(_RUNS):
            runs.setdefault(int(n), []).append(state)
        stamps = dict(self._read(_STAMPS))
        requests = set(self._world.sink.requests)
        told = {int(body.split()[1]) for _, body in requests}
        keys = Counter(int(body.split()[1]) for _, body in requests)
        outcome.accepted += len(self._accepted)
        outcome.finished += sum(bool(states) and set(states) <= {"succeeded"} for states in runs.values())
        for n in self._accepted:
            wanted, tells = self._expected(n)
            missing = [text for text in wanted if text not in stamps]
            done = runs.get(n) == ["succeeded"] and not missing and (n in told) == tells
            outcome.lost += not done and len(runs.get(n, [])) < 2
            if not done:
                outcome.broken.append(
                    f"event {n}: runs {runs.get(n)}, {len(missing)} stamps missing, told: {n in told}"
                )
            twice = [text for text in wanted if stamps.get(text, 0) > 1]
            outcome.repeated += len(twice) + max(0, keys[n] - tells) + (len(runs.get(n, [])) > 1)
        outcome.broken[10:] = []
        paused = self._read(_PAUSED)
        outcome.require(not paused, f"apps were paused, so their runs wait: {[name for (name,) in paused]}")

    def _expected(self, n: int) -> tuple[list[str], bool]:
        """The stamps of event n, and whether the sink is told of it."""
        if self._place(n) % 10 == LOOPS:
            return [f"{n} c {member}" for member in self._home(self._place(n)).members], False
        second = SECOND_STEPS.get(self._place(n) % 10, "b")
        return [f"{n} a", f"{n} {second}"], self._place(n) % 10 not in TOGETHER

    def _place(self, n: int) -> int:
        return self._places[n // BURST % len(self._places)]

    def _commit_of(self, n: int) -> tuple[int, int]:
        """By turns a burst shares a commit, or each event of it has one: the consumer may run what it starts itself."""
        burst = n // BURST
        return burst, n if (burst + burst // len(self._places)) % 2 else 0

    def _home(self, place: int) -> Community:
        return self.communities[place % len(self.communities)]

    def _emitted(self, burst: list[int]) -> bool:
        home = self._home(self._place(burst[0]))
        events = [NewEvent(EVENT, self._data(n), f"event/{n}", f"event {n}") for n in burst]
        try:
            with tenant_scope(home.id):
                emit_many(events)
        except DatabaseError:
            connections.close_all()
            return False
        return True

    def _data(self, n: int) -> dict[str, Any]:
        place = self._place(n)
        member = {**SAMPLE["member"], "id": self._home(place).members[0], "level": place, "xp": n}
        return {**SAMPLE, "member": member}

    def _read(self, statement: str) -> list[tuple[Any, ...]]:
        return self._world.read(statement, {"tenants": self.tenant_ids})


def community(world: World, number: int, members: int = MEMBERS) -> Community:
    """A new tenant with its members."""
    slug = f"{world.name}-{number}"
    ((tenant_id,),) = world.read(_NEW_TENANT, {"slug": slug})
    people = [NewMember(f"Member {place}", f"m{place}@{slug}.example") for place in range(members)]
    with tenant_scope(tenant_id):
        return Community(tenant_id, slug, tuple(member.pk for member in join_many(people)))
