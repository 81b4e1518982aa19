"""Writes each commit that changed something among the failpoints, in the order in which a thread comes by."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

WRITES = re.compile(r"INSERT INTO|DELETE FROM|UPDATE \S+ (?:\w+ )?SET")
# How the two kinds of commits are called: of a transaction, and of a statement that is one.
COMMIT, STATEMENT = "COMMIT", "STATEMENT"


def record_commits(trace: Path) -> None:
    """From now on, in this process and its children."""
    commit = BaseDatabaseWrapper._commit

    def recording(connection: Any) -> None:
        changed = vars(connection).pop("_written", False) and _has_changed(connection)
        commit(connection)
        if changed:
            _write(trace, COMMIT)

    BaseDatabaseWrapper._commit = recording  # type: ignore[method-assign]
    connection_created.connect(lambda connection, **_: connection.execute_wrappers.append(_noting(trace)), weak=False)


def _has_changed(connection: Any) -> bool:
    """Whether the transaction has a number: PostgreSQL gives it with the first row that it changes or locks."""
    with connection.connection.cursor() as cursor:
        return bool(cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchone()[0])


def _noting(trace: Path) -> Callable[..., Any]:
    def note(execute: Callable[..., Any], statement: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(statement, params, many, context)
        # What changes no row is no change.
        if WRITES.search(str(statement)) and context["cursor"].rowcount:
            connection = context["connection"]
            if connection.in_atomic_block:
                connection._written = True
            else:
                _write(trace, STATEMENT)
        return result

    return note


def _write(trace: Path, event: str) -> None:
    with trace.open("a") as lines:
        lines.write(f"{os.getpid()} {threading.get_native_id()} {event}\n")
