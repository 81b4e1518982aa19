"""Ctrl-C, SIGTERM and a closed terminal, turned into a flag that the work looks at between its steps.

A flag and not an exception: an exception between the start of a process and the line that remembers it would leave
that process behind.
"""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

TERMINAL = 0  # standard input


class Stopped(Exception):
    """Somebody asked for the end."""


class StopRequest:
    """Whether somebody asked for the end; `on_notice` is called when the work notices.

    A terminal that is closed asks for it too, though its SIGHUP may reach only the process above us: `make`, as the
    command of an `ssh -t`, does not hand it on.
    """

    def __init__(self, on_notice: Callable[[], None] = lambda: None) -> None:
        self._asked = threading.Event()
        self._on_notice = on_notice
        self._on_terminal = False

    def listen(self) -> None:
        """Take the three signals from now on. Only the main thread may."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._on_terminal = os.isatty(TERMINAL)

    def ask(self) -> None:
        """Ask for the end."""
        self._asked.set()

    def check(self) -> None:
        """Raise Stopped when somebody asked for the end."""
        if self._asked.is_set() or (self._on_terminal and not os.isatty(TERMINAL)):
            self._on_notice()
            raise Stopped

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`, or raise Stopped sooner."""
        self._asked.wait(seconds)
        self.check()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask()
