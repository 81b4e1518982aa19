"""Ctrl-C, SIGTERM and a closed terminal, turned into a flag that the work looks at between its steps.

A flag and not an exception: an exception between the start of a process and the line that remembers it would leave
that process behind.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType


class Stopped(Exception):
    """Somebody asked for the end."""


class StopRequest:
    """Whether somebody asked for the end; `on_notice` is called once, when the work notices."""

    def __init__(self, on_notice: Callable[[], None] = lambda: None) -> None:
        self._asked = threading.Event()
        self._on_notice = on_notice

    def listen(self) -> None:
        """Take the three signals from now on. Only the main thread may."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def ask(self) -> None:
        """Ask for the end."""
        self._asked.set()

    def check(self) -> None:
        """Raise Stopped when somebody asked for the end."""
        if self._asked.is_set():
            self._on_notice()
            raise Stopped

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`, or raise Stopped sooner."""
        self._asked.wait(seconds)
        self.check()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask()
