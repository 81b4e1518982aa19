"""Keeping leases alive while runs are at work (docs/execution.md 5)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from apps_engine.store.claims import Claimed, renew

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renews leases at a third of their time, from a thread of its own, with a connection of its own."""

    def __init__(self, also: Callable[[], None]) -> None:
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
        try:
            while not self._stopping.wait(settings.LEASE_SECONDS / 3):
                self._renew()
        finally:
            connections.close_all()

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
