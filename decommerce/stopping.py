"""Whether this worker has been told to stop: set by its main process, seen by every process of its pool.

One page of memory that the pool inherits: it may be written in a signal handler, and read without asking anybody.
"""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Callable

# What is under way may come to its end for so long; then it is handed back.
PATIENCE_SECONDS = 6.0
# Then the process ends in the middle of it; whoever told it to stop may kill after ten.
LAST_SECONDS = 8.0
_SHAPE = struct.Struct("d")
_page = mmap.mmap(-1, _SHAPE.size)


def begin() -> None:
    """We are told to stop, now."""
    _SHAPE.pack_into(_page, 0, time.monotonic())


def forget() -> None:
    """Nobody told us anything; for a worker that starts."""
    _SHAPE.pack_into(_page, 0, 0.0)


def is_stopping() -> bool:
    """Nothing new is begun."""
    return bool(_SHAPE.unpack_from(_page, 0)[0])


def is_urgent() -> bool:
    """What is still under way goes back to the others."""
    (since,) = _SHAPE.unpack_from(_page, 0)
    return bool(since) and time.monotonic() - since >= PATIENCE_SECONDS


def end_at_last(end: Callable[[], object]) -> None:
    """Call `end`, which ends the process, unless that has come to its end by itself in time."""
    last = threading.Timer(LAST_SECONDS, end)
    last.daemon = True
    last.start()
