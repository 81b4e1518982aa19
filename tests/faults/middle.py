"""Things that happen in the middle of a run of this very process, at a failpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from decommerce import failpoints

# Where a worker may die in a run, in a batch, and who takes work in; and where no transaction is open meanwhile.
IN_A_RUN = ("call.committing", "call.committed", "call.answered", "finish.committing", "finish.committed")
IN_A_BATCH = ("batch.committing", "batch.committed")
AT_THE_DOOR = ("", "ingest.committing", "ingest.committed")
AT_THE_DAY = ("", "tick.committing", "tick.committed")
BETWEEN = ("call.committed", "call.answered")


class Died(BaseException):
    """The process is gone. Nothing between here and whoever started it may notice, save that its transaction ends."""


@contextmanager
def middle(point: str, act: Callable[[], object]) -> Iterator[None]:
    """Have somebody act when the code in the block comes to that failpoint first; "" is nowhere."""
    acts = {point: act}

    def come(_folder: Path, reached: str) -> None:
        # Taken away before: what it does comes to failpoints too.
        acts.pop(reached, lambda: None)()

    with patch.multiple(failpoints, _FOLDER="this process", _act=come):
        yield


def dies_at(point: str, work: Callable[[], object]) -> bool:
    """Do the work in a process that dies when it comes there; whether it came there."""
    try:
        with middle(point, _die):
            work()
    except Died:
        return True
    return False


def _die() -> None:
    raise Died
