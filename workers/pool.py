"""Celery's pool of processes, whose children are replaced as soon as they die."""

from __future__ import annotations

from celery.concurrency import asynpool, prefork


class Pool(asynpool.AsynPool):
    """Waits for a child whose pipe is closed.

    That happens a moment before the child is dead. Celery, which the pipe wakes, may look in between, finds it alive
    and looks again after five seconds; until then nobody takes its place.
    """

    def _event_process_exit(self, hub: object, proc: object) -> None:
        proc.join()  # type: ignore[attr-defined]
        super()._event_process_exit(hub, proc)


class TaskPool(prefork.TaskPool):
    """What the setting CELERY_WORKER_POOL names."""

    Pool = Pool
