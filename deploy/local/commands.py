"""Commands that run to their end before the next begins."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.logs import open_log, tail
from deploy.local.stopping import Stopped, StopRequest

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 10


def run_command(
    name: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    logs: Path,
    environment: Mapping[str, str],
    stop: StopRequest,
    detail: Callable[[str], None],
) -> None:
    """Run a command in `folder`, its output in the log `name`, the last line of it as `detail`.

    Raises LocalError with the end of the log when it fails, Stopped (and ends it) when somebody asked for the end.
    """
    log = logs / f"{name}.log"
    with open_log(logs, name) as output:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while process.poll() is None:
            stop.wait(POLL_SECONDS)
            detail("".join(tail(log, 1)))
    except Stopped:
        _end(process)
        raise
    if process.returncode != 0:
        raise LocalError(
            "\n  ".join([f"`{name}` failed with exit status {process.returncode}. {log} ends:", *tail(log, 8)])
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
