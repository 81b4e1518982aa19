"""Statements that travel to the database together, where each would wait for the answer to the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.abc import PQGen
from psycopg.pq import PipelineStatus

# Fetches the rows of a statement that was sent.
Rows = Callable[[], list[tuple[Any, ...]]]


class _Pipeline(psycopg.Pipeline):
    """psycopg's own, but for two answers less at its beginning and a Flush less at its end.

    Before BEGIN and behind it psycopg waits for an answer, to know how the session stands; nothing else was said then.
    Of a session that said anything behind the last Sync, such as a Flush, PostgreSQL does not note any more that it is
    silent, and idle_in_transaction_session_timeout never ends it: a frozen worker would keep its locks.
    """

    _has_begun = False

    def _sync_gen(self) -> PQGen[None]:
        if self._has_begun or len(self.command_queue) > 1:
            yield from super()._sync_gen()
        # Where there is a command, it is BEGIN.
        self._has_begun = self._has_begun or bool(self.command_queue)

    def _communicate_gen(self) -> PQGen[None]:
        self._has_begun = self._has_begun or bool(self.command_queue)
        yield from super()._communicate_gen()

    def _exit_gen(self) -> PQGen[None]:
        try:
            self._enqueue_sync()
            yield from self._communicate_gen()
        finally:
            yield from self._fetch_gen(flush=False)


@contextmanager
def pipelined() -> Iterator[None]:
    """One round trip for all that is executed inside: at its end everything was done.

    Fetch rows after the end, since fetching inside is a round trip more. The end raises the error of the first
    statement that failed; what follows it was not done. No transaction may end inside. Within another one this adds
    nothing: the end is that one's.
    """
    # A connection that lay idle is looked at first, which takes an answer.
    with connection.cursor():
        psycopg_connection = connection.connection
    if psycopg_connection.pgconn.pipeline_status != PipelineStatus.OFF:
        yield
        return
    # The connection takes the one that is there.
    psycopg_connection._pipeline = _Pipeline(psycopg_connection)
    with connection.wrap_database_errors, psycopg_connection.pipeline():
        yield


def send(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> Rows:
    """Execute a statement in the pipeline; what is returned fetches its rows after the end.

    The database parses and plans it once for each connection, so its text must not change from call to call.
    """
    cursor = connection.cursor()
    if not connection.queries_logged:
        # Django's own puts the values into the text: another one each time, and what a log of statements shows.
        cursor.cursor = psycopg.Cursor(connection.connection)
    cursor.execute(statement, params)

    def rows() -> list[tuple[Any, ...]]:
        with cursor:
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    return rows
