"""People who wait see how far it is; a log sees a line."""

from __future__ import annotations

import io
import os
from contextlib import suppress

from decommerce.community.importing.progress import ProgressReport


def show(stream) -> None:
    with ProgressReport(stream).part("members", 200) as advance:
        advance(100)


def everything(leader: int) -> str:
    """All that was written to a terminal whose other end is closed: Linux then says EIO, others end the file."""
    parts = []
    with os.fdopen(leader, "rb", buffering=0) as terminal, suppress(OSError):
        while part := terminal.read(65_536):
            parts.append(part)
    return b"".join(parts).decode()


def test_a_terminal_shows_a_bar_that_ends_full(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    leader, follower = os.openpty()
    with os.fdopen(follower, "w") as terminal:
        show(terminal)
    shown = everything(leader)
    assert "members" in shown
    assert "100%" in shown


def test_a_log_shows_one_line():
    log = io.StringIO()
    show(log)
    assert log.getvalue() == "members ...\n"
