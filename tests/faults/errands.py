"""Work that comes to the boundaries that events do not: mail, schedules, apps' own events, dead letters, poison."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kombu.pools import producers

from apps_engine.services.apps import create_app, resume_app
from apps_engine.services.hints import DELIVER_TASK, send_hint
from apps_engine.services.runs import run_app
from apps_engine.store.models import App
from decommerce.community.event_queues import events_queue
from decommerce.community.publisher import EVENT_CONTENT_TYPE
from decommerce.operations.broker import broker_connection
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.faults.outcome import Outcome
from tests.faults.workload import PATIENT, Community
from tests.waiting import until
from tests.workers.mail_server import MailServer

if TYPE_CHECKING:
    from tests.faults.world import World

# The minute of now fires again and again; its key lets it start one run.
_FIRE = "UPDATE engine_schedule SET next_fire_at = date_trunc('minute', now()) WHERE app_id = %(app)s"
# Nobody waits two minutes here to hear that a sender is gone.
_LATE_MAIL = """
UPDATE community_outboundmessage SET lease_until = now() - interval '1 second'
WHERE state = 'sending' AND lease_until < now() + interval '117 seconds'
"""
_FIRED = """
SELECT trigger_key, count(*) FROM engine_execution WHERE app_id = %(app)s GROUP BY trigger_key
"""
MOST_LEFT = 10
# An answer that was kept for long enough, and one that was not.
_KEPT = """
INSERT INTO idempotency_keptanswer
    (tenant_id, principal, operation, key, fingerprint, status, headers, body, answered_at)
SELECT %(tenant)s, 'the suite', operation, %(key)s, '', 200, '{}', '', now() - age
FROM (VALUES ('old', interval '30 days'), ('young', interval '0')) AS given (operation, age)
WHERE operation = 'old' OR %(young)s
"""
# Behind more young ones in a row nobody looks for an old one, which has never the higher number but here.
MOST_YOUNG = 100
_YOUNG = "SELECT count(*) FROM idempotency_keptanswer WHERE tenant_id = %(tenant)s AND operation = 'young'"
RETENTION_TASK = "workers.retention"
_STOP = "UPDATE engine_schedule SET next_fire_at = NULL WHERE app_id = %(app)s"
_TICKED = "SELECT count(*) FROM community_notification WHERE tenant_id = %(tenant)s AND title = 'tick'"
_STATES = "SELECT state, count(*) FROM engine_execution WHERE app_id = %(app)s GROUP BY state"
_MAIL = "SELECT state, count(*) FROM community_outboundmessage WHERE tenant_id = %(tenant)s GROUP BY state"


class Errands:
    """A community of its own with four apps. `mail` is the server that its messages go to."""

    def __init__(self, world: World, home: Community, mail: MailServer) -> None:
        self._world = world
        self._home = home
        self._mail = mail
        member = home.members[0]
        stamp = {"id": "stamp", "act": "stamp", "params": {"member_id": member, "text": "tick"}}
        letter = {"id": "mail", "act": "send_email", "params": {"to": member, "subject": "Hi", "body": "Hello"}}
        tell = {"id": "tell", "act": "emit_event", "params": {"event": "errand", "data": {"n": 1}}}
        minutely = {"type": "scheduled", "cron": "* * * * *", "timezone": "UTC", "catch_up": "1h"}
        self._timer = self._app([stamp], minutely, name="Timer", settings=_settings(10))
        self._letters = self._app([letter, tell], name="Letters", settings=_settings(10),
                                  permissions={"emits": ["errand"]})  # fmt: skip
        self._poison = self._app([{"id": "kill", "act": "kill_worker", "params": {}}], name="Poison",
                                 settings=_settings(1))  # fmt: skip
        self._asked = 0

    def run(self, *, poison: bool) -> None:
        """One of each."""
        self._asked += 1
        with tenant_scope(self._home.id):
            run_app(self._home.principal, self._letters)
            if poison:
                self._run_poison()
        self._world.run(_FIRE, {"app": self._timer})
        self._world.run(_LATE_MAIL)
        queue = events_queue()
        with producers[broker_connection()].acquire(block=True) as producer:
            producer.publish("no event", content_type=EVENT_CONTENT_TYPE, content_encoding="utf-8",
                             routing_key=queue.name, declare=[queue])  # fmt: skip
        send_hint(DELIVER_TASK)
        self._world.run(
            _KEPT, {"tenant": self._home.id, "key": f"key {self._asked}", "young": self._asked <= MOST_YOUNG}
        )
        send_hint(RETENTION_TASK)

    def _run_poison(self) -> None:
        """Once more; an app that failed five times in a row was paused for it."""
        if App.objects.get(pk=self._poison).status != App.Status.ACTIVE:
            resume_app(self._home.principal, self._poison)
        run_app(self._home.principal, self._poison)

    def has_room(self) -> bool:
        """Whether the processes keep up."""
        letters = dict(self._world.read(_STATES, {"app": self._letters}))
        return self._asked - letters.get("succeeded", 0) < MOST_LEFT

    def wait(self, seconds: float = 240) -> None:
        """Until everything is over; what is not is lost, and told as that. No schedule fires any more."""
        self._world.run(_STOP, {"app": self._timer})
        with suppress(AssertionError):
            until(self.settled, "the errands are done", seconds)

    def settled(self) -> bool:
        """Whether nothing of it is left to do."""
        self._world.run(_LATE_MAIL)
        runs = [state for app in (self._letters, self._timer) for state, _ in self._world.read(_STATES, {"app": app})]
        mail = dict(self._world.read(_MAIL, {"tenant": self._home.id}))
        return set(runs) <= {"succeeded"} and not set(mail) & {"queued", "sending"}

    def tally(self, outcome: Outcome) -> None:
        """Every letter was written once, and left once or says that nobody knows; each minute fired once."""
        letters = dict(self._world.read(_STATES, {"app": self._letters}))
        outcome.accepted += self._asked
        outcome.finished += letters.get("succeeded", 0)
        outcome.lost += self._asked - letters.get("succeeded", 0)
        mail = dict(self._world.read(_MAIL, {"tenant": self._home.id}))
        outcome.require(not set(mail) & {"queued", "sending"}, f"letters are still under way: {mail}; runs: {letters}")
        outcome.require(sum(mail.values()) == self._asked, f"{self._asked} letters were asked for, these are: {mail}")
        arrived = Counter(message["Message-ID"] for message in self._mail.received)
        outcome.repeated += sum(count - 1 for count in arrived.values())
        silent = mail.get("sent", 0) - len(arrived)
        outcome.require(silent <= 0, f"{silent} letters are said to be sent and never arrived")
        fired = self._world.read(_FIRED, {"app": self._timer})
        ((ticked,),) = self._world.read(_TICKED, {"tenant": self._home.id})
        outcome.repeated += max(0, ticked - len(fired))
        outcome.lost += max(0, len(fired) - ticked)
        states = dict(self._world.read(_STATES, {"app": self._timer}))
        outcome.require(ticked == len(fired), f"{len(fired)} minutes fired and left {ticked} ticks; runs: {states}")
        ((young,),) = self._world.read(_YOUNG, {"tenant": self._home.id})
        kept = min(self._asked, MOST_YOUNG)
        outcome.require(young == kept, f"{young} of {kept} answers are left that were to be kept")
        poison = dict(self._world.read(_STATES, {"app": self._poison}))
        outcome.require(not set(poison) - {"dead", "queued", "running"}, f"poison runs ended as {poison}")

    def _app(self, steps: list[dict[str, Any]], trigger: dict[str, Any] | None = None, **more: Any) -> int:
        with tenant_scope(self._home.id):
            return create_app(self._home.principal, definition(steps, trigger, **more)).pk


def _settings(attempts: int) -> dict[str, Any]:
    return {"retry": {**PATIENT, "max_attempts": attempts}, "concurrency": {"mode": "parallel"}}
