"""Waking a worker early. A hint carries ids and may be lost: the sweep finds the work anyway (docs/execution.md 1)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from decommerce.failpoints import reached
from decommerce.operations.metrics import HINTS_LOST

logger = logging.getLogger(__name__)
RUN_TASK = "workers.run"
CALL_TASK = "workers.call"
DELIVER_TASK = "workers.deliver"
IDS_PER_HINT = 200


def hint_runs(execution_ids: Sequence[int]) -> None:
    """After the commit, tell the workers which executions wait."""
    for start in range(0, len(execution_ids), IDS_PER_HINT):
        transaction.on_commit(partial(send_hint, RUN_TASK, list(execution_ids[start : start + IDS_PER_HINT])))


def hint_delivery() -> None:
    """After the commit, tell the workers that messages wait to be delivered."""
    transaction.on_commit(partial(send_hint, DELIVER_TASK))


def send_hint(task: str, *args: object) -> bool:
    """Send one message now; a queue that is down is logged and forgotten. Returns whether the queue took it."""
    reached("hint.sending")
    try:
        current_app.send_task(task, args=args, ignore_result=True, retry=False)
    except OperationalError as error:
        HINTS_LOST.inc()
        logger.warning("hint not sent, the sweep will find the work: %s", type(error).__name__)
        return False
    return True
