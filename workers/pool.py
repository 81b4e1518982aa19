"""Celery's pool of processes, whose children are replaced as soon as they die."""

from __future__ import annotations

from typing import Any

from celery.concurrency import asynpool, prefork

LOOKS_SECONDS = (0.05, 0.5)


class Pool(asynpool.AsynPool):
    """Looks again for a child whose pipe is closed.

    That happens a moment before the child is dead. Celery, which the pipe wakes, may look in between, finds it alive
    and looks again after five seconds; until then nobody takes its place.
    """

    def _event_process_exit(self, hub: Any, proc: Any) -> None:
        super()._event_process_exit(hub, proc)
        for seconds in LOOKS_SECONDS:
            hub.call_later(seconds, self.maintain_pool)


class TaskPool(prefork.TaskPool):
    """What the setting CELERY_WORKER_POOL names."""

    Pool = Pool
