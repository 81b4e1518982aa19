"""The log file of each process."""

from pathlib import Path
from typing import BinaryIO

TAIL_BYTES = 16_384


def open_log(folder: Path, name: str) -> BinaryIO:
    """A fresh log for `name`; the one of the last run stays beside it."""
    path = folder / f"{name}.log"
    if path.exists():
        path.replace(folder / f"{name}.previous.log")
    return path.open("xb")


def tail(path: Path, lines: int) -> list[str]:
    """The last `lines` lines that are not empty; none when there is no such file."""
    if not path.exists():
        return []
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - TAIL_BYTES))
        text = log.read().decode(errors="replace")
    return [line for line in text.replace("\r", "\n").splitlines() if line.strip()][-lines:]
