"""Processes of a supervisor that was killed: it had no chance to stop them."""

import os
import signal
from contextlib import suppress

from deploy.local.folder import DemoFolder
from deploy.local.processes import stop_process
from deploy.local.runs import load_run

PATIENCE_SECONDS = 10


def end_leftovers(folder: DemoFolder) -> int:
    """Stop what the last run left behind; how many processes that were. The caller holds the lock of `folder`."""
    run = load_run(folder)
    alive = [child for child in (run.children if run else ()) if child.lives()]
    for child in alive:
        stop_process(child.pid, child.lives, PATIENCE_SECONDS)
        _kill_group(child.pid)
    return len(alive)


def _kill_group(pid: int) -> None:
    """Each child leads a group of its own; this is for the pool of a worker that had to be killed."""
    with suppress(ProcessLookupError, PermissionError):  # nobody left; macOS answers EPERM for a group of zombies
        os.killpg(pid, signal.SIGKILL)
