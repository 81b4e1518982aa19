"""A system of its own for each fault test: a database, a queue, a sink, wires to them, and processes that may die."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from redis import Redis, RedisError

from apps_engine.registry import registry
from decommerce.failpoints import POINTS
from tests.faults.fleet import Fleet, watched
from tests.faults.history import History
from tests.scenarios.plugins.actions import ACTIONS
from tests.scenarios.processes import Processes
from tests.scenarios.proxy import Wire, wire_to
from tests.scenarios.sink import Sink, running_sink

LEASE_SECONDS = 3.0
_numbers = itertools.count(1)
_LEFT_OVER = (
    "UPDATE engine_execution SET state = 'cancelled', lease_until = NULL WHERE state IN ('queued', 'running')",
    "UPDATE community_outboundmessage SET state = 'failed' WHERE state IN ('queued', 'sending')",
    "UPDATE engine_schedule SET next_fire_at = NULL",
    "DELETE FROM community_outboxevent",
)


@dataclass
class World:
    """`root` is the folder of services that this suite may stop and start; None where they are shared with others."""

    name: str
    database: str
    folder: Path
    environment: dict[str, str]
    processes: Processes
    sink: Sink
    postgres: Wire
    valkey: Wire
    outside: Wire
    root: Path | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def sink_url(self) -> str:
        """The sink, through its wire."""
        return self.outside.through(self.sink.url)

    @property
    def failpoints(self) -> Path:
        """Where points are armed."""
        return self.folder / "failpoints"

    @property
    def trace(self) -> Path:
        """Once it is there, who comes to which point is written there: `pid thread point` a line."""
        return self.failpoints / "trace"

    @property
    def history(self) -> History:
        return History(self.database)

    def arm(self, point: str, action: str) -> None:
        """Arm a point: `kill 3`, `freeze 1`, `delay 1 2.5`."""
        draft = self.failpoints / f".{point}"
        draft.write_text(action)
        draft.rename(self.failpoints / point)

    def armed(self) -> set[str]:
        """The points that nobody has reached often enough yet."""
        return {path.name for path in self.failpoints.iterdir() if path.name in POINTS}

    def owner(self) -> psycopg.Connection:
        """A connection above row level security, closed by the garbage collector at the latest."""
        return psycopg.connect(self.database, autocommit=True)

    def read(self, statement: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a statement by the owner; asked again while the database is away."""
        while True:
            with suppress(psycopg.OperationalError), self.owner() as connection:
                return connection.execute(statement, values).fetchall()

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> None:
        """A statement by the owner that answers nothing."""
        with self.owner() as connection:
            connection.execute(statement, values)

    @property
    def redis(self) -> Redis:
        """The queue's server, without a wire."""
        return Redis.from_url(settings.REDIS_URL)

    def flush(self) -> None:
        """The queue forgets all it knew. A server that is shared with others forgets what is ours."""
        if self.root is not None:
            self.redis.flushall()
            return
        for key in self.redis.scan_iter(f"{settings.QUEUE_NAMESPACE}:*", count=1000):
            self.redis.delete(key)

    @contextmanager
    def fleet(
        self, workers: int = 2, consumers: int = 1, beats: int = 0, *, disk_full: bool = False, **environment: str
    ) -> Iterator[Fleet]:
        """Processes whose every connection goes by a wire; where the disk is full nothing is heard of them."""
        wired = {
            **{name: self.postgres.through(self.environment[name])
               for name in ("RUNTIME_DATABASE_URL", "SCHEDULER_DATABASE_URL")},
            "REDIS_URL": self.valkey.through(self.environment["REDIS_URL"]),
            "DECOMMERCE_LEASE_SECONDS": str(LEASE_SECONDS),
            "DECOMMERCE_SILENT_SECONDS": str(LEASE_SECONDS),
            "DECOMMERCE_FAILPOINTS": str(self.failpoints),
            **self.more,
            **environment,
        }  # fmt: skip
        with watched(Fleet(self.processes, wired, disk_full=disk_full)) as fleet:
            for name, count in (("worker", workers), ("consumer", consumers), ("beat", beats)):
                fleet.start(name, count)
            yield fleet


@contextmanager
def world(name: str, environment: Mapping[str, str], folder: Path, root: Path | None = None) -> Iterator[World]:
    """A quiet system; whatever it started is ended with it."""
    folder = folder / f"{name}-{next(_numbers)}"
    (folder / "failpoints").mkdir(parents=True)
    processes = Processes(environment, folder)
    wires = [wire_to(environment[address]) for address in ("RUNTIME_DATABASE_URL", "REDIS_URL")]
    with running_sink() as sink, test_actions():
        postgres, valkey = wires
        outside = wire_to(sink.url)
        unique = f"{name}-{os.getpid()}-{next(_numbers)}"
        made = World(unique, environment["DATABASE_URL"], folder, dict(environment), processes, sink, postgres, valkey,
                     outside, root)  # fmt: skip
        for statement in _LEFT_OVER:
            made.run(statement)
        made.flush()
        history = made.history
        history.install()
        try:
            yield made
        finally:
            processes.close()
            history.remove()
            for wire in (postgres, valkey, outside):
                with suppress(OSError, RedisError):
                    wire.cut()
            connections.close_all()


@contextmanager
def test_actions() -> Iterator[None]:
    """The actions of the scenarios in this process too, so that definitions that name them are accepted."""
    missing = [action for action in ACTIONS if action.name not in registry.actions]
    registry.add_actions(missing)
    vars(registry).pop("catalogue", None)
    try:
        yield
    finally:
        for action in missing:
            del registry.actions[action.name]
        vars(registry).pop("catalogue", None)


test_actions.__test__ = False  # type: ignore[attr-defined]
