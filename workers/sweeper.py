"""The thread that sweeps, in the main process of every worker."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from workers.sweep import sweep

logger = logging.getLogger(__name__)
EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 1.0


class Sweeper:
    """Sweeps until it is told to stop. Nothing that a sweep meets ends it: without it, lost work stays lost."""

    def __init__(self, work: Callable[[], object] = sweep, every_seconds: float = EVERY_SECONDS) -> None:
        self._work = work
        self._every = every_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it is under way."""
        if self._thread is None or not self._thread.is_alive():
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the current turn, and wait a little for it; a run it cannot finish in time goes on elsewhere."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        # Sweepers that started together do not all look at the same moment.
        while not self._stopping.wait(self._every * random.uniform(0.75, 1.25)):  # noqa: S311 - no secret
            self._turn()
        connections.close_all()

    def _turn(self) -> None:
        try:
            close_old_connections()
            self._work()
        except DatabaseError as error:
            logger.warning("sweep put off, the database is away: %s", type(error).__name__)
            connections.close_all()
        except Exception:
            logger.exception("sweep failed; the next one begins in about %s seconds", self._every)
            connections.close_all()
