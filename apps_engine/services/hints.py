"""Waking a worker early. A hint carries ids and may be lost: the sweep finds the work anyway (docs/execution.md 1)."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.messaging import Producer

from apps_engine.store.models import Lane
from decommerce.failpoints import reached
from decommerce.operations.broker import BrokerAway, with_sender
from decommerce.operations.figures import queue_lengths
from decommerce.operations.metrics import HINTS_LOST

logger = logging.getLogger(__name__)
RUN_TASK = "workers.run"
CALL_TASK = "workers.call"
DELIVER_TASK = "workers.deliver"
TASKS: Mapping[str, str] = {Lane.RUNS: RUN_TASK, Lane.CALLS: CALL_TASK}
IDS_PER_HINT = 200
# While nobody hears them, more hints than this on a queue would only fill the broker. Looked at after every so many,
# and where the line was long every so many seconds.
MOST_WAITING = 2_000
HINTS_BETWEEN_LOOKS = 100
SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(slots=True)
class _Line:
    """What this process last saw of a queue of its hints."""

    sent: int = 0
    look_at: float = 0.0
    is_long: bool = False


_lines: defaultdict[str, _Line] = defaultdict(_Line)


def hint_runs(lanes: Mapping[int, str]) -> None:
    """After the commit, tell the workers of each lane which executions, given by number with their lanes, wait there.

    Told to the other lane's workers they would stand in two lines.
    """
    for lane, task in TASKS.items():
        ids = [number for number, its_lane in lanes.items() if its_lane == lane]
        for start in range(0, len(ids), IDS_PER_HINT):
            transaction.on_commit(partial(send_hint, task, ids[start : start + IDS_PER_HINT]))


def hint_delivery() -> None:
    """After the commit, tell the workers that messages wait to be delivered."""
    transaction.on_commit(partial(send_hint, DELIVER_TASK))


def send_hint(task: str, *args: object) -> bool:
    """Send one message now, unless thousands wait on its queue; with a broker that is away it is logged and forgotten.

    Returns within seconds whether those who work through the queue find the work: False where there is no broker.
    """
    reached("hint.sending")
    if _is_long(_queue_of(task)):
        HINTS_LOST.inc()
        return True
    try:
        with_sender(partial(_send, task, args))
    except BrokerAway as error:
        HINTS_LOST.inc()
        logger.warning("hint not sent, the sweep will find the work: %s", error)
        return False
    return True


def hints_waiting(task: str) -> int:
    """How many messages wait on the task's queue; 0 where the broker does not answer, as who sends will find out."""
    return queue_lengths().get(_queue_of(task), 0)


def _queue_of(task: str) -> str:
    return str(current_app.amqp.router.route({}, task)["queue"].name)


def _send(task: str, args: Sequence[object], producer: Producer) -> None:
    current_app.send_task(task, args=args, ignore_result=True, retry=False, producer=producer)


def _is_long(queue: str) -> bool:
    line, now = _lines[queue], time.monotonic()
    line.sent += 1
    if line.sent % HINTS_BETWEEN_LOOKS == 0 or (line.is_long and now >= line.look_at):
        long = queue_lengths().get(queue, 0) >= MOST_WAITING
        if long and not line.is_long:
            logger.warning("no more hints for now, %s wait on “%s”: the sweep finds the work", MOST_WAITING, queue)
        line.look_at, line.is_long = now + SECONDS_BETWEEN_LOOKS, long
    return line.is_long
