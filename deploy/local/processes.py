"""Processes that are not our children: are they alive, are they ours, make them stop."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

POLL_SECONDS = 0.02


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for `condition` for at most `seconds`; its last answer."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def command_of(pid: int) -> str:
    """The command line of a live process; empty for a dead one and for a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    columns = ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)]
    listing = subprocess.run(columns, capture_output=True, text=True, check=False)
    status, _, command = listing.stdout.strip().partition(" ")
    return "" if status.startswith("Z") else command.strip()


def is_running(pid: int | None, needle: str) -> bool:
    """Whether `pid` lives and has `needle` in its command line: after a reboot the number may be somebody else's."""
    return pid is not None and needle in command_of(pid)


def read_pid(path: Path) -> int | None:
    """The number in the first line of a pid file; None when there is no such file."""
    try:
        first = path.read_text().partition("\n")[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def started_at(pid: int) -> str:
    """When a live process began, in the system's own words; with the number it names one process and no other.

    Empty for a dead one and for a zombie.
    """
    if Path("/proc/self/stat").exists():
        try:
            # proc(5): the name, in brackets, may hold anything; the state follows it, the start is the 22nd field.
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    columns = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    status, _, start = (
        subprocess.run(columns, capture_output=True, text=True, check=False).stdout.strip().partition(" ")
    )
    return "" if status.startswith("Z") else start.strip()


def stop_process(pid: int, alive: Callable[[], bool], seconds: float) -> None:
    """Ask `pid` to stop (SIGTERM), and kill it when it is still `alive` after `seconds`. Returns when it is gone."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        if not alive():
            return
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        wait_until(lambda: not alive(), patience)
