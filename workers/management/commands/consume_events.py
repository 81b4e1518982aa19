"""`manage.py consume_events`: take the platform's events in, until told to stop."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from decommerce import stopping
from decommerce.console import outlive_full_disk
from decommerce.operations.exposition import serve_counts
from workers.consumer import EventConsumer
from workers.heartbeat import Heartbeat
from workers.messages import refuse_compression
from workers.sessions import end_silent_sessions


class Command(BaseCommand):
    """Any number may run at once. SIGTERM or SIGINT finishes the batch at hand and ends with status 0.

    A run at hand stops at its next step; where that does not come, it is handed back and its process ends without it.
    """

    help = "Take in the events that platform services put on the queue."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        told = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            # To be told twice gives no more time.
            if told.is_set():
                return
            told.set()
            stopping.begin()
            stopping.end_at_last(partial(os._exit, 0))

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        outlive_full_disk()
        end_silent_sessions()
        refuse_compression()
        serve_counts()
        with Heartbeat() as heartbeat:
            EventConsumer(told, heartbeat).run()
