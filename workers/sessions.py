"""Sessions of worker processes: who says nothing in the middle of a transaction is taken for gone.

A frozen worker, or one behind a cut cable, keeps its locks as long as its session lasts, and the sweep passes over a
run that somebody has locked. So the database ends such a session (docs/execution.md, promise 5).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

_LIMIT = "SELECT set_config('idle_in_transaction_session_timeout', %s, false)"


def end_silent_sessions() -> None:
    """From here on every new session of this process and its children ends when it is silent for too long."""
    connection_created.connect(_limit, dispatch_uid="workers.sessions")


def _limit(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LIMIT, [f"{settings.SILENT_SECONDS * 1000:.0f}ms"])
