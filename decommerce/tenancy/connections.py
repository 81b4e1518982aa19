"""Connections of a web process that the database has dropped: it restarted, failed over, or somebody ended them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection

Answer = TypeVar("Answer")
LOST = (InterfaceError, OperationalError)
# Of a database that answered at all: it ends connections, has no more of them, or has waited too long for us.
_GONE = ("08", "53", "57P", "25P03")


def is_lost(error: Error) -> bool:
    """Whether the error is about the connection, not about what was asked."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, LOST) and (not state or state.startswith(_GONE))


def read_alive(read: Callable[[], Answer]) -> Answer:
    """What the first reading of a request says. Read once more, on a new connection, where the pool gave a dead one.

    All that lie in the pool are replaced then: they died together, and each would cost somebody a request.
    """
    try:
        return read()
    except LOST as error:
        if not is_lost(error):
            raise
        connection.close()
        if connection.pool:
            connection.pool.drain()
        return read()
