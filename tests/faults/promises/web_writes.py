"""Promises 1, 2 and 9 for writes by REST and MCP: web processes die, COMMITs lose their answers, callers ask again.

Web processes die at any moment, and on both sides of the commit of a write.
Each caller repeats its write under the same key until it is answered, as any program does.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from itertools import count

import httpx2
import requests
from mcp.shared.exceptions import MCPError

from apps_engine.services.apps import create_app
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.principal import SCOPES
from tests.apps_engine.services.definitions import definition
from tests.faults.fleet import Fleet
from tests.faults.outcome import Outcome
from tests.faults.workload import PATIENT, Community, community
from tests.faults.world import World
from tests.mcp_gateway.agents import Agent
from tests.scenarios.proxy import COMMITTED, Wire, wire_to
from tests.waiting import until

SECONDS, SHORT_SECONDS = 60.0, 10.0
KINDS = (REST, MCP) = ("REST", "MCP")
POINTS = tuple(f"{name}.{side}" for name in ("request", "tool") for side in ("committing", "committed"))
# Of each kind.
CALLERS = 3
PATIENCE_SECONDS = 120.0
GONE = (requests.RequestException, httpx2.HTTPError, MCPError, OSError)
_RUNS = "SELECT inputs::jsonb ->> 'n', count(*) FROM engine_execution WHERE app_id = %(app)s GROUP BY 1"
_STAMPS = "SELECT title, count(*) FROM community_notification WHERE tenant_id = %(tenant)s GROUP BY title"
_OPEN = "SELECT count(*) FROM engine_execution WHERE app_id = %(app)s AND state <> 'succeeded'"


class Callers:
    """Programs and agents that write; `answered` are the writes that somebody heard an answer to."""

    def __init__(self, url: str, home: Community, app: int) -> None:
        with tenant_scope(home.id):
            self._secret = create_key(home.principal, "Key", SCOPES)[1]
        self.url = url
        self._app = app
        self._numbers = count(1)
        self.stopping = threading.Event()
        self.answered: set[str] = set()
        self.given_up: set[str] = set()
        self.counts: Counter[str] = Counter()

    def write(self, kind: str) -> None:
        """Write until told to stop."""
        ask = {REST: self._by_rest, MCP: self._by_mcp}[kind]
        while not self.stopping.is_set():
            n = f"{kind}-{next(self._numbers)}"
            ends = time.monotonic() + PATIENCE_SECONDS
            while not self._is_answered(ask, n):
                if time.monotonic() > ends:
                    self.given_up.add(n)
                    return
                time.sleep(0.1)
            self.answered.add(n)

    def _is_answered(self, ask, n: str) -> bool:
        try:
            return ask(n)
        except* GONE:
            self.counts["write without an answer"] += 1
        return False

    def _by_rest(self, n: str) -> bool:
        headers = {"Authorization": f"Bearer {self._secret}", "Idempotency-Key": n}
        url, body = f"{self.url}/api/v1/apps/{self._app}/run", {"inputs": {"n": n}}
        answer = requests.post(url, json=body, headers=headers, timeout=20)
        self.counts["answer replayed"] += "Idempotency-Replayed" in answer.headers
        return answer.status_code == 202

    def _by_mcp(self, n: str) -> bool:
        agent = Agent(f"{self.url}/mcp", self._secret)
        answer = agent.call("run_app", app=self._app, inputs={"n": n}, idempotency_key=n)
        self.counts["answer replayed"] += bool((answer.meta or {}).get("decommerce/replayed"))
        return not answer.is_error


def run(world: World, outcome: Outcome, *, short: bool) -> None:
    home = community(world, 1)
    app = _app(home)
    wire, port = wire_to(world.environment["RUNTIME_DATABASE_URL"]), _free_port()
    callers = Callers(f"http://127.0.0.1:{port}", home, app)
    with world.fleet(workers=1, consumers=0) as fleet:
        fleet.start("web", 1, UVICORN_PORT=str(port), DECOMMERCE_PUBLIC_URL=callers.url,
                    DECOMMERCE_WRITE_RATE="1000000/minute",
                    RUNTIME_DATABASE_URL=wire.through(world.environment["RUNTIME_DATABASE_URL"]))  # fmt: skip
        until(lambda: fleet.ready(("worker", "web")), "the processes are up", 120)
        threads = [threading.Thread(target=callers.write, args=(kind,), daemon=True)
                   for kind in KINDS for _ in range(CALLERS)]  # fmt: skip
        for thread in threads:
            thread.start()
        _strike(fleet, wire, callers, outcome, SHORT_SECONDS if short else SECONDS)
        for point in POINTS:
            world.arm(point, f"kill {random.randint(1, 3)}")
            until(lambda point=point: point not in world.armed(), f"a web process dies at {point}", PATIENCE_SECONDS)
            outcome.made(f"kill at {point}")
        callers.stopping.set()
        for thread in threads:
            thread.join()
        with suppress(AssertionError):
            until(lambda: world.read(_OPEN, {"app": app}) == [(0,)], "the runs are over", 120)
    _tally(world, outcome, home, app, callers)


def _strike(fleet: Fleet, wire: Wire, callers: Callers, outcome: Outcome, seconds: float) -> None:
    """Until the time is over and each of it has come to pass."""
    ends = time.monotonic() + seconds
    latest = ends + PATIENCE_SECONDS
    while time.monotonic() < ends or (not callers.counts["answer replayed"] and time.monotonic() < latest):
        heard = len(callers.answered)
        wire.swallow(COMMITTED, 2)
        until(lambda heard=heard: len(callers.answered) > heard + CALLERS, "writes are answered", PATIENCE_SECONDS)
        time.sleep(random.uniform(0.0, 0.3))
        for web in fleet.of("web"):
            web.kill()
            outcome.made("kill of a web process")
    outcome.made("COMMIT without an answer", wire.swallowed)


def _tally(world: World, outcome: Outcome, home: Community, app: int, callers: Callers) -> None:
    runs, stamps = dict(world.read(_RUNS, {"app": app})), dict(world.read(_STAMPS, {"tenant": home.id}))
    done = {n for n in callers.answered if runs.get(n) == stamps.get(n) == 1}
    outcome.accepted, outcome.finished = len(callers.answered), len(done)
    outcome.lost = sum(n not in runs or n not in stamps for n in callers.answered)
    outcome.repeated = sum(times - 1 for times in [*runs.values(), *stamps.values()])
    for name in ("write without an answer", "answer replayed"):
        outcome.made(name, callers.counts[name])
    for kind in KINDS:
        outcome.made(f"write by {kind}", sum(n.startswith(kind) for n in callers.answered))
    outcome.require(not callers.given_up, f"{len(callers.given_up)} writes were never answered")
    outcome.judge(world.history)


def _app(home: Community) -> int:
    stamp = {"id": "stamp", "act": "stamp", "params": {"member_id": home.members[0], "text": "{{ inputs.n }}"}}
    inputs = {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}
    settings = {"retry": PATIENT, "concurrency": {"mode": "parallel"}}
    with tenant_scope(home.id):
        return create_app(home.principal, definition([stamp], name="By hand", inputs=inputs, settings=settings)).pk


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
