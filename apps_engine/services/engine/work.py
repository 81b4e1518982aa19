"""The fenced transaction of a run (EXECUTION.md 5 and 6).

Business rows, journal and cursor are committed together, and only while our fence is the newest: a worker that was
frozen past its lease writes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps_engine.language.jsontext import dumps
from apps_engine.runtime.errors import Stopped
from apps_engine.services.engine.journal import Journal, rows_of
from apps_engine.store.claims import Claimed
from apps_engine.store.models import App, Execution, StepResult
from decommerce.tenancy.cause import NOBODY, Cause, caused_by
from decommerce.tenancy.context import tenant_scope

# A step that failed is written again by the attempt that passes it.
REWRITTEN = ("kind", "status", "input", "output", "error", "items", "attempt", "started_at", "duration_ms")
_STATUS = """
SELECT a.status, e.state, e.fence FROM engine_execution e JOIN engine_app a ON a.id = e.app_id WHERE e.id = %s
"""
_KEEP = """
UPDATE engine_execution SET usage = %s, items = items + %s, lease_until = now() + make_interval(secs => %s)
WHERE id = %s AND fence = %s AND state = 'running'
"""


class FencedWork:
    """Opens a transaction when work begins, closes it at each commit."""

    def __init__(self, claimed: Claimed) -> None:
        self.claimed = claimed
        self.journal = Journal()
        self.usage: dict[str, int] = {}
        self._cause = NOBODY
        self._stack: ExitStack | None = None

    def begin(self, cause: Cause, journal: Journal, usage: Mapping[str, int]) -> None:
        """From here on everything happens because of `cause`, and goes on from `journal`."""
        self._cause = cause
        self.journal = journal
        self.usage = dict(usage)
        if self._stack is not None:
            self._stack.enter_context(caused_by(cause))

    def open(self) -> None:
        """Enter the tenant's scope, unless we are in it."""
        if self._stack is None:
            self._stack = ExitStack()
            self._stack.enter_context(tenant_scope(self.claimed.tenant_id))
            self._stack.enter_context(caused_by(self._cause))

    def check(self) -> None:
        self.open()
        with connection.cursor() as cursor:
            cursor.execute(_STATUS, [self.claimed.id])
            row = cursor.fetchone()
        if row is None or row[2] != self.claimed.fence:
            raise Stopped("lease_lost")
        status, state, _ = row
        if state != Execution.State.RUNNING:
            raise Stopped(state)
        if status != App.Status.ACTIVE:
            raise Stopped(status)

    @contextmanager
    def step(self) -> Iterator[None]:
        self.open()
        with transaction.atomic():
            yield

    def commit(self, lease_seconds: float | None = None, after: Callable[[], None] | None = None) -> None:
        """Everything so far, journal included; raises Stopped and undoes it when the lease is lost.

        `lease_seconds` is for a call that may take longer than the usual lease.
        `after` runs in the same transaction once the fence is known to hold; it may end the run.
        """
        self.open()
        entries = self.journal.take()
        StepResult.objects.bulk_create(
            rows_of(entries, self.claimed.id, self.claimed.attempt),
            update_conflicts=True,
            unique_fields=["execution", "path"],
            update_fields=REWRITTEN,
        )
        items = sum(entry.items for entry in entries if entry.kind == "act")
        lease = lease_seconds or settings.LEASE_SECONDS
        values: list[Any] = [dumps(self.usage), items, lease, self.claimed.id, self.claimed.fence]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, values)
            held = cursor.rowcount == 1
        if not held:
            self.rollback()
            raise Stopped("lease_lost")
        if after is not None:
            after()
        self.close()

    def rollback(self) -> None:
        """Undo what is not committed, and forget what the journal was about to say of it."""
        self.journal.take()
        if self._stack is not None:
            transaction.set_rollback(True)
            self.close()

    def close(self) -> None:
        """End the transaction: commit it, unless it was marked to be rolled back."""
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.close()
