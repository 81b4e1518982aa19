"""Real processes of the project, started, killed, frozen and stopped by a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 60
# The runtime never has the owner's address of the database.
WITHHELD = ("DATABASE_URL",)
CELERY = [sys.executable, "-m", "celery", "-A", "decommerce"]
WORKER = [*CELERY, "worker", "-c", "1", "--without-mingle", "--without-gossip", "--loglevel", "INFO"]
BEAT = [*CELERY, "beat", "--pidfile=", "--loglevel", "INFO"]
CONSUMER = [sys.executable, "manage.py", "consume_events"]


@dataclass
class Process:
    """One process and those it started, in a group of their own."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def says(self, text: str) -> bool:
        """Whether its log holds the text."""
        return text in self.log.read_text(errors="replace")

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> None:
        """Return once its log holds the text; fail if it dies before."""

        def said() -> bool:
            assert self.popen.poll() is None or self.says(text), f"{self.name} ended with {self.popen.returncode}"
            return self.says(text)

        until(said, f"{self.name} says {text!r}", seconds)

    def children(self) -> list[int]:
        """The processes it started itself (the pool of a worker)."""
        tasks = Path(f"/proc/{self.popen.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in task.read_text().split()]

    def kill(self) -> None:
        """kill -9 the whole group: nothing is cleaned up, nobody is told."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def freeze(self) -> None:
        """SIGSTOP the whole group."""
        os.killpg(self.popen.pid, signal.SIGSTOP)

    def is_frozen(self) -> bool:
        """Whether it stands still, whoever stopped it."""
        with suppress(FileNotFoundError):
            return Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def thaw(self) -> None:
        """SIGCONT the whole group."""
        os.killpg(self.popen.pid, signal.SIGCONT)

    def terminate(self, seconds: float) -> int:
        """SIGTERM the process; its exit status, which must come within `seconds`."""
        self.popen.terminate()
        return self.popen.wait(seconds)


class Processes:
    """Starts processes in one environment; `close` ends them all."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        kept = {name: value for name, value in environment.items() if name not in WITHHELD}
        self.environment = {**kept, "DJANGO_SETTINGS_MODULE": "tests.scenarios.settings", "PYTHONUNBUFFERED": "1"}
        self._folder = folder
        self._started: list[Process] = []

    def worker(self, *options: str, ready: str = "ready.", **environment: str) -> Process:
        """A Celery worker with one child; `ready` is what it says when it has begun."""
        worker = self.start("worker", [*WORKER, *options], environment)
        worker.wait_for(ready)
        return worker

    def consumer(self, **environment: str) -> Process:
        """The event consumer."""
        consumer = self.start("consumer", CONSUMER, environment)
        consumer.wait_for("consuming events")
        return consumer

    def beat(self) -> Process:
        """Beat with its schedule in the database."""
        command = [sys.executable, "-m", "celery", "-A", "decommerce", "beat", "--pidfile=", "--loglevel", "INFO"]
        beat = self.start("beat", command, {})
        beat.wait_for("beat: Starting")
        return beat

    def start(
        self, name: str, command: list[str], environment: Mapping[str, str], *, disk_full: bool = False
    ) -> Process:
        """Any process; what it says goes to a file, or nowhere where the disk is full."""
        log = self._folder / f"{name}-{len(self._started)}.log"
        log.touch()
        with (Path("/dev/full") if disk_full else log).open("wb") as output:
            popen = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(name, popen, log)
        self._started.append(process)
        return process

    def logs(self) -> list[tuple[str, str]]:
        """The end of what each process said."""
        return [(process.log.name, process.log.read_text(errors="replace")[-6000:]) for process in self._started]

    def close(self) -> None:
        """Kill whatever still runs."""
        for process in self._started:
            process.kill()


def attach_logs(item: pytest.Item, report: pytest.TestReport) -> None:
    """Show the logs of a failed test's processes with its report."""
    for value in getattr(item, "funcargs", {}).values():
        if isinstance(value, Processes) and report.failed:
            report.sections.extend(value.logs())
