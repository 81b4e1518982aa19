"""Queued runs of apps that are deleted. Deleting cancels what it sees; these were committed in the same moment."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections

from apps_engine.store.queue import SCHEDULER
from decommerce.failpoints import reached

_CANCEL = """
UPDATE engine_execution e SET state = 'cancelled', finished_at = clock_timestamp()
FROM engine_app a WHERE a.id = e.app_id AND a.status = 'deleted' AND e.id = ANY(%s) AND e.state = 'queued'
RETURNING e.id
"""


def cancel_stranded(ids: Sequence[int]) -> set[int]:
    """End those of the queued runs whose app is deleted, as deleting it does; returns them."""
    if not ids:
        return set()
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_CANCEL, [list(ids)])
        stranded = {row[0] for row in cursor.fetchall()}
    if stranded:
        reached("stranded.committed")
    return stranded
