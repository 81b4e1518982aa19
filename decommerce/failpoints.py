"""Failpoints: named places on both sides of every commit, where a test ends, freezes or delays the process.

They do nothing unless the environment variable DECOMMERCE_FAILPOINTS names a folder, which only the fault suite sets
(docs/execution.md). A file there with the name of a point arms it: `kill 3` ends the process that comes by a third
time, `freeze 1` stops it (SIGSTOP), `delay 1 2.5` holds its thread for so many seconds. Whoever acts takes the file
away first, so an armed point acts once. A file named `trace` collects the points as they are reached.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

# A boundary has two points: `.committing` is before its COMMIT, `.committed` after it.
BOUNDARIES = (
    "ingest",
    "dead_letter",
    "outbox",
    "tick",
    "step",
    "call",
    "finish",
    "batch",
    "batch_undone",
    "dead",
    "doubt",
    "mail_claim",
    "mail_outcome",
    "mail_lost",
    "push_devices",
    "deprecations",
    "retention",
    "request",
    "tool",
)
# Where the statement is its own transaction, and where something leaves the process between two commits.
SINGLE_POINTS = (
    "claim.committed",
    "heartbeat.committed",
    "requeue.committed",
    "stranded.committed",
    "hand_back.committed",
    "hint.sending",
    "call.answered",
    "mail.answered",
    "events.acknowledged",
)
POINTS = frozenset([f"{name}.{side}" for name in BOUNDARIES for side in ("committing", "committed")]) | {*SINGLE_POINTS}

_FOLDER = os.environ.get("DECOMMERCE_FAILPOINTS", "")
_reached: Counter[str] = Counter()


def reached(point: str) -> None:
    """Say that the process is at this point."""
    if _FOLDER:
        _act(Path(_FOLDER), point)


def _act(folder: Path, point: str) -> None:
    if point not in POINTS:
        raise LookupError(f"There is no failpoint {point!r}: add it to the list.")
    trace = folder / "trace"
    if trace.exists():
        with trace.open("a") as lines:
            lines.write(f"{os.getpid()} {threading.get_native_id()} {point}\n")
    armed = folder / point
    try:
        action, count, *seconds = armed.read_text().split()
    except FileNotFoundError:
        return
    _reached[point] += 1
    if _reached[point] < int(count):
        return
    try:
        armed.rename(folder / f"{point}.done")
    except FileNotFoundError:
        return
    _ACTIONS[action](*map(float, seconds))


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


_ACTIONS = {"kill": _kill, "freeze": _freeze, "delay": time.sleep}
