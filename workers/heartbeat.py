"""Keeping leases alive while runs are at work (docs/execution.md 5)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from apps_engine.services.hints import hint_runs
from apps_engine.store.claims import Claimed, hand_back, renew
from apps_engine.store.queue import due_keys
from decommerce.stopping import is_urgent

logger = logging.getLogger(__name__)
# How often it looks whether the worker stops.
GLANCE_SECONDS = 0.5


class Heartbeat:
    """Renews leases at a third of their time, from a thread of its own, with a connection of its own.

    `also` is done at the same times.
    """

    def __init__(self, also: Callable[[], None] = lambda: None) -> None:
        self._held: dict[int, Claimed] = {}
        self._also = also
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    @contextmanager
    def holding(self, *works: Claimed) -> Iterator[None]:
        """Everything inside happens while the leases of `works` are kept."""
        self._held.update((work.id, work) for work in works)
        try:
            yield
        finally:
            for work in works:
                self._held.pop(work.id, None)

    def _beat(self) -> None:
        pause = settings.LEASE_SECONDS / 3
        due = time.monotonic() + pause
        try:
            while not self._stopping.wait(min(pause, GLANCE_SECONDS)):
                if is_urgent():
                    self._let_go()
                elif time.monotonic() >= due:
                    self._renew()
                    due = time.monotonic() + pause
        finally:
            connections.close_all()

    def _let_go(self) -> None:
        """Leave to others what did not come to its end in time: this process is about to end in the middle of it."""
        try:
            freed = [work.id for work in list(self._held.values()) if hand_back(work)]
            lanes = {run.id: run.lane for run in due_keys(freed)}
        except DatabaseError as error:
            logger.warning("runs are not handed back, their leases will end: %s", type(error).__name__)
            connections.close_all()
            return
        self._held.clear()
        if freed:
            logger.info("this worker stops; runs %s go on elsewhere", freed)
            hint_runs(lanes)

    def _renew(self) -> None:
        try:
            for work in list(self._held.values()):
                if not renew(work.id, work.fence):
                    # The run finds out at its next step; it may also just have ended.
                    self._held.pop(work.id, None)
        except DatabaseError as error:
            logger.warning("a heartbeat was missed: %s", type(error).__name__)
            connections.close_all()
        self._also()
