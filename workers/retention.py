"""Clearing away what has been kept for long enough, a turn at a time (docs/operations.md)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence

from django.contrib.sessions.backends.db import SessionStore

from apps_engine.services.hints import send_hint
from decommerce.operations.metrics import ROWS_FORGOTTEN
from decommerce.tenancy.alone import alone
from decommerce.tenancy.retention import Kept, Progress, forget, rules

logger = logging.getLogger(__name__)
RETENTION_TASK = "workers.retention"
# A worker has runs to make too; what is left when the turn is over goes in the next one, behind what waits by then.
TURN_SECONDS = 1.0
# What is left then goes in the next round.
MOST_TURNS = 60


def clear_old(names: Sequence[str] = (), after: int = 0, turns: int = MOST_TURNS) -> dict[str, int]:
    """Delete for a turn by the rules of these names, or by every rule and sessions that are over.

    Of the first rule, only rows behind the number `after`. Returns the rows that went by rule: nothing where another
    process is at it. What is left is hinted anew, `turns` in all.
    """
    gone: dict[str, int] = {}
    with alone("retention") as free:
        if not free:
            logger.info("another process is clearing old rows away")
            return gone
        known = {kept.rule.name: kept for kept in rules()}
        if not names:
            SessionStore.clear_expired()
            # In another order each time: a backlog of one kind does not keep the others here for ever.
            names = random.sample(list(known), len(known))
        ends = time.monotonic() + TURN_SECONDS
        while names:
            gone[names[0]], after = _forget(known[names[0]], after, ends)
            names = names if after else names[1:]
            if time.monotonic() >= ends:
                break
    if names and turns > 1:
        send_hint(RETENTION_TASK, list(names), after, turns - 1)
    return gone


def _forget(kept: Kept, after: int, ends: float) -> tuple[int, int]:
    """How many rows went, and where to go on; 0 where the rule has no more."""
    steps: list[Progress] = []
    gone = forget(kept, steps.append, ends=ends, after=after)
    ROWS_FORGOTTEN.labels(kept.rule.name).inc(gone)
    if gone:
        logger.info("retention: %s rows of %s went", gone, kept.rule.name)
    return gone, steps[-1].left_after if steps else 0
