"""Ports in memory: what a run did, in order, with failures where a test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from apps_engine.runtime.errors import StepError
from apps_engine.runtime.kinds import KINDS
from apps_engine.runtime.meter import Meter
from apps_engine.runtime.ports import EffectCall, Entry, Ports, Query
from apps_engine.runtime.run import Outcome, Run
from apps_engine.runtime.scope import global_scope
from apps_engine.services.engine.journal import Journal

SPENDS = {"send_email": "email", "ask": "ai"}
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class World:
    """All five ports. `done` lists the effects that stay; a failing savepoint takes back what it did."""

    def __init__(self, rows: Sequence[dict[str, Any]] = (), seconds: Callable[[], float] = lambda: 0.0) -> None:
        self.rows = list(rows)
        self.seconds = seconds
        self.done: list[tuple[str, Any]] = []
        self.batches: list[int] = []
        self.windows: list[list[str]] = []
        self.answers: set[str] = set()
        self.told: list[tuple[str, int, int]] = []
        self.queries: list[Query] = []
        self.commits = 0
        self.stop: Exception | None = None
        self.holds_up = False
        self.fail: Callable[[str, Any], StepError | None] = lambda action, params: None

    def now(self) -> datetime:
        return NOW

    def elapsed(self) -> float:
        return self.seconds()

    def check(self) -> None:
        if self.stop is not None:
            raise self.stop

    @contextmanager
    def step(self) -> Iterator[None]:
        before = len(self.done)
        try:
            yield
        except BaseException:
            del self.done[before:]
            raise

    def commit(self) -> None:
        self.commits += 1

    def fetch(self, query: Query) -> list[dict[str, Any]]:
        self.queries.append(query)
        return [{name: row[name] for name in query.fields or row} for row in self.rows][: query.limit]

    def tell(self, path: str, done: int, total: int) -> None:
        self.told.append((path, done, total))

    def apply(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any]]:
        self.batches.append(len(calls))
        meter.spend(SPENDS.get(action), len(calls))
        for call in calls:
            self._perform(action, call)
        return [{"number": index} for index, _ in enumerate(calls)]

    def call(self, action: str, call: EffectCall, meter: Meter) -> dict[str, Any]:
        if call.key not in self.answers:
            meter.spend(SPENDS.get(action), 1)
            self._perform(action, call)
        return {"answer": call.key}

    def may_run_ahead(self, action: str) -> bool:
        return action == "ask"

    def ahead(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any] | None]:
        self.windows.append([call.key for call in calls])
        answers: list[dict[str, Any] | None] = []
        for call in calls:
            made = self.fail(action, dict(call.params)) is None and meter.left("ai") != 0
            answers.append(self.call(action, call, meter) if made else None)
            self.answers.update([call.key] if made else [])
        return answers

    def _perform(self, action: str, call: EffectCall) -> None:
        error = self.fail(action, dict(call.params))
        if error is not None:
            raise error
        self.done.append((action, dict(call.params)))


def run_flow(
    plan: Any,
    world: World,
    journal: Journal | None = None,
    usage: dict[str, int] | None = None,
    before: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run the flow `main` of a plan in a world."""
    kept = Journal() if journal is None else journal
    scope = global_scope(now=NOW, trigger={}, inputs={}, tenant={"id": 1}, app={"id": 2, "name": "App"}, run={"id": 3})
    run = Run(plan, Ports(world, kept, world, world, world), KINDS, {} if usage is None else usage, before)
    return run.execute("main", scope)


def paths(journal: Journal) -> list[tuple[str, str]]:
    """Path and status of every entry, in the order of the journal."""
    return [(entry.path, entry.status) for entry in journal.entries]


def entry(journal: Journal, path: str) -> Entry:
    """The entry at a path."""
    return next(found for found in journal.entries if found.path == path)
