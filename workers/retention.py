"""Clearing away what has been kept for long enough, a turn at a time (docs/operations.md)."""

from __future__ import annotations

import logging
import random
import time

from django.contrib.sessions.backends.db import SessionStore

from decommerce.operations.metrics import ROWS_FORGOTTEN
from decommerce.tenancy.alone import alone
from decommerce.tenancy.retention import Progress, forget, rules

logger = logging.getLogger(__name__)
# A worker has runs to make too; what is left when the turn is over goes in the next one.
TURN_SECONDS = 60.0


def clear_old() -> dict[str, int]:
    """Delete by every rule, and sessions that are over; returns the rows that went by rule.

    Nothing where another process is at it.
    """
    gone: dict[str, int] = {}
    with alone("retention") as free:
        if not free:
            logger.info("another process is clearing old rows away")
            return gone
        ends = time.monotonic() + TURN_SECONDS
        # In another order each time: a backlog of one kind does not keep the others here for ever.
        for kept in random.sample(found := rules(), len(found)):
            gone[kept.rule.name] = forget(kept, _quietly, ends=ends)
            ROWS_FORGOTTEN.labels(kept.rule.name).inc(gone[kept.rule.name])
            if gone[kept.rule.name]:
                logger.info("retention: %s rows of %s went", gone[kept.rule.name], kept.rule.name)
        SessionStore.clear_expired()
    return gone


def _quietly(progress: Progress) -> None:
    """Nobody watches."""
