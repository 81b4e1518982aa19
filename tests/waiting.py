"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
POLL_SECONDS = 0.03


def until(condition: Callable[[], Found], what: str, seconds: float = 30) -> Found:
    """What `condition` returns as soon as it is true; fails the test when that takes longer than `seconds`."""
    ends = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < ends, f"{what}: not within {seconds} seconds; last seen: {found!r}"
        time.sleep(POLL_SECONDS)


def is_within(seconds: float, condition: Callable[[], object]) -> bool:
    """Whether `condition` becomes true within `seconds`, for whoever then does something else."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= ends:
            return False
        time.sleep(POLL_SECONDS)
    return True
