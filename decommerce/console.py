"""Standard output and error as a log: where nobody can write to them any more, the work goes on and the lines are lost.

A disk that is full, or a reader that is gone, would otherwise end a process at its first word.
"""

from __future__ import annotations

import io
import logging
import sys

from prometheus_client import Counter

LOG_WRITES_LOST = Counter("decommerce_log_writes_lost", "Lines of the log that could not be written; work goes on.")


class Console(logging.StreamHandler):
    """Lines to standard error; one that cannot be written is counted and forgotten."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that `logging` calls
        """A line that the system refuses is lost; what else goes wrong with a line is told as ever."""
        if isinstance(sys.exception(), OSError):
            LOG_WRITES_LOST.inc()
        else:
            super().handleError(record)


class LossyFile(io.FileIO):
    """A file whose writes never fail: what the system refuses is counted and forgotten."""

    def write(self, data: object) -> int:
        """The bytes written, or given up."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        try:
            return super().write(view) or 0
        except OSError:
            LOG_WRITES_LOST.inc()
            return len(view)


def outlive_full_disk() -> None:
    """From here on whatever this process prints may get lost. For programs that run for long and print for people.

    Streams that somebody else has put in their place, as a test does, are left alone.
    """
    if sys.stdout is sys.__stdout__ and sys.stdout is not None:
        sys.stdout = sys.__stdout__ = _lossy(sys.stdout)  # type: ignore[misc]
    if sys.stderr is sys.__stderr__ and sys.stderr is not None:
        sys.stderr = sys.__stderr__ = _lossy(sys.stderr)  # type: ignore[misc]


def _lossy(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    if isinstance(getattr(stream.buffer, "raw", stream.buffer), LossyFile):
        return stream
    file = LossyFile(stream.fileno(), "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(file), stream.encoding, stream.errors, line_buffering=True)
