"""Beat with seconds of patience for each send: its own would wait for a silent broker as long as that is silent."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

from celery.beat import SchedulingError
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.messaging import Producer

from decommerce.operations.broker import BrokerAway, ask, with_sender

logger = logging.getLogger(__name__)
AGAIN_SECONDS = 1.0


class Scheduler(DatabaseScheduler):
    """What the setting CELERY_BEAT_SCHEDULER names.

    While the broker takes nothing it says so in its log and asks again; then it sends what is due, each piece once.
    """

    # Its own connection has no bounds; those of `with_sender` have.
    producer = None

    def apply_entry(self, entry: Any, producer: None = None) -> None:
        """Send a piece that is due; returns once the broker has it, or when it cannot be sent at all."""
        waits = False
        while True:
            try:
                with_sender(partial(self._send, entry))
            except BrokerAway as error:
                if not waits:
                    logger.warning("beat waits with %s, the broker takes nothing: %s", entry.task, error)
                waits = True
                time.sleep(AGAIN_SECONDS)
            except SchedulingError:
                logger.exception("%s is not sent; it is due again at its next time", entry.task)
                return
            else:
                logger.info("beat sent %s%s", entry.task, ", the broker takes messages again" if waits else "")
                return

    def _send(self, entry: Any, sender: Producer) -> None:
        # A second send after a lost one would be a second message.
        ask(sender)
        try:
            self.apply_async(entry, producer=sender, advance=False)
        except SchedulingError as error:
            # `with_sender` knows the failures of a broker by their own types.
            raise error.__context__ or error from None
