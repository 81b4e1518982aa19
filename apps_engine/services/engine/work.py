"""The fenced transaction of a run (docs/execution.md 5 and 6).

Business rows, journal and cursor are committed together, and only while our fence is the newest: a worker that was
frozen past its lease writes nothing more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from apps_engine.language.jsontext import dumps
from apps_engine.runtime.errors import StepError, Stopped
from apps_engine.services.engine.journal import Journal
from apps_engine.store.claims import Claimed
from apps_engine.store.counters import count_successes
from apps_engine.store.journal import write_entries
from apps_engine.store.models import App, Execution
from decommerce.failpoints import reached
from decommerce.pipelining import Rows, pipelined, send
from decommerce.stopping import is_stopping
from decommerce.tenancy.cause import NOBODY, Cause, caused_by
from decommerce.tenancy.context import tenant_scope

# Who runs it was told to stop, or has no more time for it: another one goes on with the run.
HANDED_BACK = "handed_back"
# Another worker has the run, or may have it: ours was silent for too long.
LEASE_LOST = "lease_lost"
_STATUS = """
SELECT a.status, e.state, e.fence FROM engine_execution e JOIN engine_app a ON a.id = e.app_id WHERE e.id = %s
"""
# now() is when the transaction began: a heartbeat has lengthened the lease since.
_KEEP = """
UPDATE engine_execution SET usage = %s, progress = %s, items = items + %s,
    began_with = COALESCE(%s, began_with), lease_until = clock_timestamp() + make_interval(secs => %s)
WHERE id = %s AND fence = %s AND state = 'running' RETURNING id
"""
# The columns are those of an ending, named in `services.finish`.
_END = """
UPDATE engine_execution SET {columns}, items = items + %s, lease_until = NULL, owner = ''
WHERE id = %s AND fence = %s AND state = 'running' RETURNING id
"""
_JSON = frozenset({"result", "error", "usage", "progress", "began_with"})


@contextmanager
def savepoint() -> Iterator[None]:
    """What a step does in the database, all of it or nothing; raises StepError where a statement took too long."""
    with _in_time(), transaction.atomic():
        yield


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise StepError(
            "The database was not done with this step in time.",
            code="step_too_slow",
            hint="Fetch fewer rows, ask for fewer computed fields, or compare fewer of them in `where`.",
        ) from error


def _column(name: str, value: Any) -> Any:
    return dumps(value) if name in _JSON and value is not None else value


class FencedWork:
    """Opens a transaction when work begins, closes it at each commit.

    With `patience` no statement waits for a lock for longer than so many seconds: it raises OperationalError then.
    No step begins after the monotonic time `until`: the run is handed back, as where the worker is told to stop.
    """

    def __init__(self, claimed: Claimed, patience: float | None = None, until: float = math.inf) -> None:
        self.claimed = claimed
        self._patience = patience
        self._until = until
        self.journal = Journal()
        self.usage: dict[str, int] = {}
        self._kept_usage: dict[str, int] = {}
        self.progress: dict[str, Any] | None = None
        # What the app remembered as the run began, for the next attempt. Written with the first commit: whoever makes
        # or replaces runs would wait for the row until then.
        self.began_with: dict[str, Any] | None = None
        # Whether others wait for rows that a step has locked, such as those of a quota.
        self.holds_up = False
        self._cause = NOBODY
        self._stack: ExitStack | None = None
        self._is_unwritten = False
        self._seen: tuple[str, str, int] | None = None

    @property
    def is_on_the_spot(self) -> bool:
        """Whether it has only a moment, and goes elsewhere after it."""
        return self._until < math.inf

    def begin(self, cause: Cause, journal: Journal, execution: Execution) -> None:
        """From here on everything happens because of `cause`, and goes on from `journal`.

        `execution` was read in the transaction that is open, with its app, and answers the first `check`.
        """
        self._seen = (execution.app.status, execution.state, execution.fence)
        self._cause = cause
        self.journal = journal
        self.usage = dict(execution.usage)
        self._kept_usage = dict(execution.usage)
        self.progress = execution.progress
        if self._stack is not None:
            self._stack.enter_context(caused_by(cause))

    def open(self, *, to_read: bool = False) -> None:
        """Enter the tenant's scope, unless we are in it."""
        self._is_unwritten = to_read and (self._is_unwritten or self._stack is None)
        if self._stack is None:
            self._stack = ExitStack()
            with pipelined():
                self._stack.enter_context(tenant_scope(self.claimed.tenant_id, patience=self._patience))
            self._stack.enter_context(caused_by(self._cause))

    def check(self) -> None:
        self.open(to_read=True)
        seen, self._seen = self._seen or self._look(), None
        if seen is None or seen[2] != self.claimed.fence:
            raise Stopped(LEASE_LOST)
        status, state, _ = seen
        if state != Execution.State.RUNNING:
            raise Stopped(state)
        if status != App.Status.ACTIVE:
            raise Stopped(status)
        if is_stopping() or time.monotonic() >= self._until:
            raise Stopped(HANDED_BACK)

    def tell(self, path: str, done: int, total: int) -> None:
        self.progress = {"path": path, "done": done, "total": total}

    @contextmanager
    def step(self) -> Iterator[None]:
        self.open(to_read=True)
        # Where nothing was written yet, undoing all comes to the same.
        undoable = self._whole() if self._is_unwritten else savepoint()
        self._is_unwritten = False
        with undoable:
            yield

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            with _in_time():
                yield
        except BaseException:
            self._undo()
            raise

    def commit(self, lease_seconds: float | None = None, ending: Mapping[str, Any] | None = None) -> None:
        """Everything so far, journal included; raises Stopped and undoes it when the lease is lost.

        `lease_seconds` is for a call that may take longer than the usual lease. `ending` are the execution's columns
        where the attempt is over: its lease ends with this commit.
        """
        self.open()
        entries = self.journal.take()
        items = sum(entry.items for entry in entries if entry.kind == "act")
        with pipelined():
            if ending and ending["state"] == Execution.State.SUCCEEDED:
                count_successes(self.claimed.app_id, 1)
            write_entries({self.claimed.id: entries}, self.claimed.attempt)
            held = self._end(items, ending) if ending else self._keep(items, lease_seconds or settings.LEASE_SECONDS)
        if not held():
            self.rollback()
            raise Stopped(self._why_not_ours())
        self.holds_up = False
        boundary = "finish" if ending else "call" if lease_seconds else "step"
        reached(f"{boundary}.committing")
        self.close()
        reached(f"{boundary}.committed")
        self._kept_usage = dict(self.usage)

    def rollback(self) -> None:
        """Undo what is not committed, and forget what the journal and the count of what is used were to say of it."""
        self.journal.take()
        self.usage.clear()
        self.usage.update(self._kept_usage)
        self._undo()

    def _undo(self) -> None:
        if self._stack is not None:
            transaction.set_rollback(True)
            self.close()

    def _look(self) -> tuple[str, str, int] | None:
        with connection.cursor() as cursor:
            cursor.execute(_STATUS, [self.claimed.id])
            found: tuple[str, str, int] | None = cursor.fetchone()
        return found

    def _why_not_ours(self) -> str:
        """Whether the run was cancelled or replaced under us, or its lease is lost: looked up in this case alone."""
        with tenant_scope(self.claimed.tenant_id):
            seen = self._look()
        cancelled = seen is not None and seen[1:] == (Execution.State.CANCELLED, self.claimed.fence)
        return Execution.State.CANCELLED.value if cancelled else LEASE_LOST

    def _keep(self, items: int, lease_seconds: float) -> Rows:
        progress, began_with = (None if value is None else dumps(value) for value in (self.progress, self.began_with))
        told = [dumps(self.usage), progress, items, began_with, lease_seconds]
        return send(_KEEP, [*told, self.claimed.id, self.claimed.fence])

    def _end(self, items: int, ending: Mapping[str, Any]) -> Rows:
        written = {**ending, "usage": self.usage, "progress": self.progress}
        if self.began_with is not None:
            written["began_with"] = self.began_with
        columns = ", ".join(f"{name} = %s" for name in written)
        values = [_column(name, value) for name, value in written.items()]
        return send(_END.format(columns=columns), [*values, items, self.claimed.id, self.claimed.fence])

    def close(self) -> None:
        """End the transaction: commit it, unless it was marked to be rolled back."""
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.close()
