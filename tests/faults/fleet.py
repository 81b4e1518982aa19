"""The processes under test, each started again when it ends, as any supervisor does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.scenarios.processes import BEAT, CONSUMER, WORKER, Process, Processes

LOOK_SECONDS = 0.1
WEB = [sys.executable, "-m", "uvicorn", "decommerce.asgi:application", "--no-access-log"]
COMMANDS = {"worker": WORKER, "consumer": CONSUMER, "beat": BEAT, "web": WEB}
# Whoever is up says one of these.
READY = (" ready.", "consuming events", "beat: Starting", "Cannot connect", "Application startup complete")


class Fleet:
    """Workers, event consumers and beats; `restarts` counts those that were started anew."""

    def __init__(self, processes: Processes, environment: dict[str, str], *, disk_full: bool = False) -> None:
        self._processes = processes
        self._environment = environment
        self._disk_full = disk_full
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: list[Process] = []
        self._own: dict[int, dict[str, str]] = {}
        self.restarts = 0

    def start(self, name: str, count: int, **more: str) -> list[Process]:
        """Start so many of a kind, and keep them running."""
        with self._lock:
            return [self._start(name, more) for _ in range(count)]

    def of(self, name: str) -> list[Process]:
        """Those of a kind that run now."""
        with self._lock:
            return [process for process in self._running if process.name == name and process.popen.poll() is None]

    def ready(self, names: Sequence[str] = ("worker", "consumer")) -> bool:
        """Whether every process of these kinds has begun its work."""
        wanted = [process for process in list(self._running) if process.name in names]
        return all(self.is_ready(process) for process in wanted)

    def is_ready(self, process: Process) -> bool:
        """Whether it has begun its work."""
        return any(process.says(words) for words in READY)

    def thaw(self) -> None:
        """Let everything go on that somebody has frozen."""
        for process in list(self._running):
            with suppress(ProcessLookupError):
                process.thaw()

    @contextmanager
    def resting(self, name: str) -> Iterator[None]:
        """Those of a kind do nothing inside the block; what comes meanwhile they find all at once.

        Who stands still already goes on doing so.
        """
        resting = [process for process in self.of(name) if not process.is_frozen()]
        for process in resting:
            with suppress(ProcessLookupError):
                process.freeze()
        try:
            yield
        finally:
            for process in resting:
                with suppress(ProcessLookupError):
                    process.thaw()

    def watch(self) -> None:
        """Start again what has ended, until told to stop."""
        while not self._stopping.wait(LOOK_SECONDS):
            with self._lock:
                for process in [process for process in self._running if process.popen.poll() is not None]:
                    # Its children may live on: they belong to the same group.
                    process.kill()
                    self._running.remove(process)
                    self._start(process.name, self._own.pop(process.popen.pid))
                    self.restarts += 1

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        with self._lock:
            for process in self._running:
                process.kill()

    def _start(self, name: str, more: dict[str, str]) -> Process:
        environment = {**self._environment, **more}
        process = self._processes.start(name, COMMANDS[name], environment, disk_full=self._disk_full)
        self._running.append(process)
        self._own[process.popen.pid] = more
        return process


@contextmanager
def watched(fleet: Fleet) -> Iterator[Fleet]:
    """The fleet, looked after."""
    watcher = threading.Thread(target=fleet.watch, daemon=True)
    watcher.start()
    try:
        yield fleet
    finally:
        fleet.stop()
        watcher.join()
