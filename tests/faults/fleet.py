"""The processes under test, each started again when it ends, as any supervisor does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.scenarios.processes import BEAT, CONSUMER, WORKER, Process, Processes

LOOK_SECONDS = 0.1
COMMANDS = {"worker": WORKER, "consumer": CONSUMER, "beat": BEAT}
# Whoever is up says one of these.
READY = (" ready.", "consuming events", "beat: Starting", "Cannot connect")


class Fleet:
    """Workers, event consumers and beats; `restarts` counts those that were started anew."""

    def __init__(self, processes: Processes, environment: dict[str, str]) -> None:
        self._processes = processes
        self._environment = environment
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: list[Process] = []
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
        return all(any(process.says(words) for words in READY) for process in wanted)

    def thaw(self) -> None:
        """Let everything go on that somebody has frozen."""
        for process in list(self._running):
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
                    self._start(process.name, {})
                    self.restarts += 1

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        with self._lock:
            for process in self._running:
                process.kill()

    def _start(self, name: str, more: dict[str, str]) -> Process:
        process = self._processes.start(name, COMMANDS[name], {**self._environment, **more})
        self._running.append(process)
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
