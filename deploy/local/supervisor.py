"""Processes that belong together: started at once, watched, and stopped in order."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Self

from deploy.local.errors import LocalError
from deploy.local.logs import open_log, tail
from deploy.local.processes import started_at, wait_until
from deploy.local.runs import RunningChild
from deploy.local.stopping import StopRequest

POLL_SECONDS = 0.1
WATCH_SECONDS = 0.5
TAIL_LINES = 12
# One that dies so soon after its start, so many times in a row, is not helped by one more start. It is more than the
# attempts of a run, which the database gives up where it kills its process each time.
SOON_SECONDS = 10
MOST_SOON = 6


@dataclass(frozen=True)
class Child:
    """A process to keep running.

    `stage` orders the end: all of stage 1 stop before those of stage 2 are asked to. `ready` tells whether it does its
    work; `extra` is added to the environment that all share.
    """

    name: str
    arguments: Sequence[str]
    stage: int
    ready: Callable[[], bool] = lambda: True
    extra: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs `children` in `folder`, each in a session of its own, so that Ctrl-C on a terminal reaches only us.

    `check` raises LocalError when something that all of them need is gone; `patience` is the seconds that a stage may
    take to stop.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        folder: Path,
        logs: Path,
        environment: Mapping[str, str],
        stop: StopRequest,
        check: Callable[[], None] = lambda: None,
        patience: float = 10,
    ) -> None:
        self._children = sorted(children, key=lambda child: child.stage)
        self._folder = folder
        self._logs = logs
        self._environment = environment
        self._stop = stop
        self._check = check
        self._patience = patience
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._began: dict[str, float] = {}
        self._soon: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all at once."""
        for child in self._children:
            self._begin(child)

    def running(self) -> tuple[RunningChild, ...]:
        """All that were started."""
        return tuple(
            RunningChild(name, process.pid, started_at(process.pid)) for name, process in self._processes.items()
        )

    def wait_ready(self, seconds: float, detail: Callable[[str], None]) -> None:
        """Return when all are ready. Raises LocalError when one dies or when it takes longer than `seconds`."""
        waiting = list(self._children)
        polls = int(seconds / POLL_SECONDS)
        for _ in range(polls):
            self._refuse_dead()
            waiting = [child for child in waiting if not child.ready()]
            if not waiting:
                return
            detail("waiting for " + ", ".join(child.name for child in waiting))
            self._stop.wait(POLL_SECONDS)
        first = waiting[0].name
        raise LocalError(f"{first} was not ready after {seconds:.0f} seconds. {self._end_of_log(first)}")

    def watch(self, tell: Callable[[str], None] = lambda line: None) -> None:
        """Start those again that end. Raises Stopped when somebody asked for the end, LocalError when one cannot stay.

        `tell` hears of each that was started again; `running` has changed by then.
        """
        while True:
            for child in self._children:
                if (status := self._processes[child.name].poll()) is not None:
                    self._start_again(child)
                    tell(f"{child.name} {how_it_ended(status)}: it is started again.")
            self._check()
            self._stop.wait(WATCH_SECONDS)

    def stop(self) -> None:
        """Stop all, stage by stage; those that take longer than the deadline are killed."""
        for _, stage in groupby(self._children, key=lambda child: child.stage):
            _end([self._processes[child.name] for child in stage if child.name in self._processes], self._patience)
        self._processes.clear()

    def _begin(self, child: Child) -> None:
        self._began[child.name] = time.monotonic()
        with open_log(self._logs, child.name) as log:
            self._processes[child.name] = subprocess.Popen(
                list(child.arguments),
                cwd=self._folder,
                env={**self._environment, **child.extra},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _start_again(self, child: Child) -> None:
        soon = time.monotonic() - self._began[child.name] < SOON_SECONDS
        self._soon[child.name] = self._soon[child.name] + 1 if soon else 0
        if self._soon[child.name] >= MOST_SOON:
            self._refuse_dead()
        _kill_group(self._processes[child.name])
        self._begin(child)

    def _refuse_dead(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise LocalError(f"{name} {how_it_ended(process.returncode)}. {self._end_of_log(name)}")

    def _end_of_log(self, name: str) -> str:
        log = self._logs / f"{name}.log"
        return "\n  ".join([f"{log} ends:", *tail(log, TAIL_LINES)])


def how_it_ended(status: int) -> str:
    """In words, from what `subprocess` calls the return code."""
    return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"


def _end(processes: Sequence[subprocess.Popen[bytes]], patience: float) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    wait_until(lambda: all(process.poll() is not None for process in processes), patience)
    for process in processes:
        _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process and of those it started itself (the pool of a worker)."""
    with suppress(ProcessLookupError, PermissionError):  # all gone; macOS answers EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
