"""What the step loop needs from the world. The engine binds these to PostgreSQL; a dry run binds them to recorders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from apps_engine.language.predicates import Predicate
from apps_engine.runtime.meter import Meter


@dataclass(frozen=True, slots=True)
class Query:
    """A fetch with everything rendered; `where` is bound to the run's values."""

    connector: str
    where: Predicate | None
    fields: tuple[str, ...]
    order_by: tuple[str, ...]
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class EffectCall:
    """One rendered call of an action. `key` identifies it over all attempts; `once` over all runs, for ever."""

    params: Mapping[str, Any]
    key: str
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: what the step at `path` saw and did."""

    path: str
    kind: str
    status: str  # done, skipped, tolerated (failed, and the step said to go on) or failed
    input: Any = None
    output: Any = None
    error: Mapping[str, Any] | None = None
    items: int = 1
    started_at: datetime | None = None
    duration_ms: int = 0

    def as_dict(self) -> dict[str, Any]:
        """What the step saw and did as JSON, without when."""
        return {
            "path": self.path,
            "kind": self.kind,
            "status": self.status,
            "input": self.input,
            "output": self.output,
            "error": self.error,
            "items": self.items,
            "duration_ms": self.duration_ms,
        }


class Clock(Protocol):
    """Time: the run's own `now` never moves, `elapsed` counts seconds since this attempt began."""

    def now(self) -> datetime: ...

    def elapsed(self) -> float: ...


class Journal(Protocol):
    """The checkpoint. A recorded entry becomes durable with the next commit."""

    @property
    def acted(self) -> bool:
        """Whether an action of the run was done, in this attempt or before."""

    @property
    def characters(self) -> int:
        """About how many characters the entries have, those of earlier attempts included."""

    def completed(self, path: str) -> Entry | None:
        """What is not to be run again: everything recorded but `failed`."""

    def progress(self, path: str) -> int:
        """How many items of a chunked loop are behind."""

    def record(self, entry: Entry) -> None: ...


class Work(Protocol):
    """The transaction of the run, fenced: a commit by a worker that lost its lease is refused."""

    @property
    def holds_up(self) -> bool:
        """Whether others wait for rows that a step has locked, until the next commit."""

    def check(self) -> None:
        """Raise Stopped where the app was paused or deleted, or the run cancelled."""

    def step(self) -> AbstractContextManager[None]:
        """A savepoint: what happens inside is undone together when it fails."""

    def tell(self, path: str, done: int, total: int) -> None:
        """How far the loop at `path` is, for people who look; visible with the next commit."""

    def commit(self) -> None:
        """Make everything so far durable, journal included."""


class Reader(Protocol):
    """Reads rows through a connector; values are JSON values."""

    def fetch(self, query: Query) -> list[dict[str, Any]]: ...


class Effects(Protocol):
    """Performs actions, and counts on the meter what they use: a call that was made before is not counted again."""

    def apply(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any]]:
        """A local action over a batch, inside the current step. Raises StepError."""

    def call(self, action: str, call: EffectCall, meter: Meter) -> dict[str, Any]:
        """An external action: claimed and committed, sent outside any transaction, its response left uncommitted.

        Raises StepError.
        """

    def may_run_ahead(self, action: str) -> bool:
        """Whether calls of an external action may be made before it is certain that the run comes to them."""

    def ahead(self, action: str, calls: Sequence[EffectCall], meter: Meter) -> list[dict[str, Any] | None]:
        """Make calls that the run is about to make, several at once, and keep their answers for `call`.

        Raises nothing: None stands for a call that was not made or that failed, which `call` will tell.
        """


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside, together."""

    clock: Clock
    journal: Journal
    work: Work
    reader: Reader
    effects: Effects
