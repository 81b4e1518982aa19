"""A community of the state machine: an app with one run at a time, one with several, one whose runs share a batch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from apps_engine.services.apps import create_app
from apps_engine.store.models import App, Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.workload import EVENT, SAMPLE, community

if TYPE_CHECKING:
    from tests.faults.world import World

PLACES = (ALONE, EVENTS, TOGETHER) = (0, 1, 2)
ATTEMPTS = 2
# The texts that a run leaves, once each.
STEPS = {ALONE: ("a", "b"), EVENTS: ("a", "b"), TOGETHER: ("a", "b")}
Envelope = dict[str, Any]
Mode = tuple[str, int | None]
_EXPIRE = """
UPDATE engine_execution SET lease_until = now() - interval '1 second' WHERE id = %(id)s AND state = 'running'
"""
# A day, since a move that is made again has to find what it found before.
_FIRE = "UPDATE engine_schedule SET next_fire_at = date_trunc('day', now()) WHERE app_id = %(app)s"
_REST = "UPDATE engine_schedule SET next_fire_at = NULL WHERE app_id = ANY(%(apps)s)"
_SLUG = "SELECT slug FROM tenancy_tenant WHERE id = %(id)s"


class Home:
    """`apps` are their numbers by place; `most` says how many runs of each may be at work, None is any number.

    `modes` are those of the apps: a mode, and the `max` of a parallel one. `envelopes` are all events that were made.
    """

    def __init__(self, world: World, number: int, modes: Sequence[Mode]) -> None:
        self.world = world
        self._made = community(world, number, members=1)
        self.id, self.principal = self._made.id, self._made.principal
        ((self._slug,),) = world.read(_SLUG, {"id": self.id})
        self.most = [1 if mode != "parallel" else most for mode, most in modes]
        self.envelopes: list[Envelope] = []
        self._numbers = count(1)
        with tenant_scope(self.id):
            self.apps = [
                create_app(self.principal, self._definition(place, *mode)).pk for place, mode in enumerate(modes)
            ]

    def envelope(self) -> Envelope:
        """An event that the second app hears."""
        number = next(self._numbers)
        member = {**SAMPLE["member"], "id": self._made.members[0], "xp": number}
        envelope = {
            "specversion": "1.0", "id": f"event-{number}", "source": f"/tenants/{self._slug}/community", "type": EVENT,
            "tenantid": self._slug, "dedupekey": f"event {number}", "data": {**SAMPLE, "member": member},
        }  # fmt: skip
        self.envelopes.append(envelope)
        return envelope

    def expire(self, run: int) -> None:
        """End the lease of a run."""
        self.world.run(_EXPIRE, {"id": run})

    def make_due(self, app: int) -> None:
        """Have its schedule come to this day, whether or not it has fired in it."""
        self.world.run(_FIRE, {"app": app})

    def rest(self) -> None:
        """No schedule fires any more."""
        self.world.run(_REST, {"apps": self.apps})

    def is_active(self, place: int) -> bool:
        """Whether the app is neither paused by somebody nor for its failures."""
        with tenant_scope(self.id):
            return bool(App.objects.get(pk=self.apps[place]).status == App.Status.ACTIVE)

    def runs(self, *states: str) -> list[int]:
        """Those in these states, oldest first."""
        with tenant_scope(self.id):
            return list(Execution.objects.filter(state__in=states).order_by("pk").values_list("pk", flat=True))

    def fence_of(self, run: int) -> int:
        """The newest fence of a run."""
        with tenant_scope(self.id):
            return int(Execution.objects.values_list("fence", flat=True).get(pk=run))

    def _definition(self, place: int, mode: str, most: int | None) -> dict[str, Any]:
        triggers: list[dict[str, Any]] = [{"id": "start", "type": "manual", "flow": "main"}]
        if place == EVENTS:
            triggers.append({"id": "event", "type": "event", "event": EVENT, "flow": "main"})
        if place == TOGETHER:
            triggers.append({"id": "day", "type": "scheduled", "cron": "0 0 * * *", "catch_up": "2d", "flow": "main"})
        act = "stamp_together" if place == TOGETHER else "stamp"
        stamps = [
            {"id": name, "act": act, "params": {"member_id": self._made.members[0], "text": f"{{{{ run.id }}}} {name}"}}
            for name in STEPS[place]
        ]
        tell = {"id": "tell", "act": "tell_keyed", "params": {"url": self.world.sink.url, "text": "run {{ run.id }}"}}
        concurrency = {"mode": mode} | ({"max": most} if most else {})
        return definition(
            stamps if place == TOGETHER else [stamps[0], tell, *stamps[1:]],
            name=f"App {place}",
            triggers=triggers,
            settings={"concurrency": concurrency, "retry": {"max_attempts": ATTEMPTS}},
        )
