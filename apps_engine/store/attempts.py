"""Charging an attempt when a run begins that was claimed beside another (docs/execution.md 4).

The other one may kill the process that holds them both, and this one had no part in it.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import connections

from apps_engine.store.claims import Claimed
from apps_engine.store.queue import SCHEDULER
from decommerce.failpoints import reached

_BEGIN = """
UPDATE engine_execution SET attempt = attempt + 1 WHERE id = %s AND fence = %s AND state = 'running' RETURNING attempt
"""


def begin(work: Claimed) -> Claimed | None:
    """The run with its attempt charged, where that was not done by its claim; None when it is not ours any more."""
    if work.attempt:
        return work
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_BEGIN, [work.id, work.fence])
        charged = cursor.fetchone()
    reached("claim.committed")
    return replace(work, attempt=charged[0]) if charged else None
