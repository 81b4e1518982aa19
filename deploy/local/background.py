"""The same system in the background: start it, stop it, ask about it, wipe it."""

import os
import shutil
import signal
import subprocess
import sys
import time

from rich.console import Console

from deploy.local.announcement import announcement
from deploy.local.demo import PROJECT, already_running
from deploy.local.errors import LocalError
from deploy.local.folder import DemoFolder
from deploy.local.health import health_lines
from deploy.local.leftovers import end_leftovers
from deploy.local.locks import exclusive_or_refused
from deploy.local.logs import open_log
from deploy.local.processes import is_running, wait_until
from deploy.local.progress import say
from deploy.local.runs import Run, load_run
from deploy.local.secret_values import load_or_make_secrets
from deploy.local.services import embedded_urls, purge, stop_services

STOP_SECONDS = 90
POLL_SECONDS = 0.1
# In the command line of every supervisor.
SUPERVISOR = "deploy.local"


def up(folder: DemoFolder, console: Console) -> None:
    """Start the system in the background and return when it is ready. Raises LocalError when it does not start."""
    folder.make()
    if not is_free(folder):
        say(console, already_running(folder))
        return
    with open_log(folder.logs, "supervisor") as log:
        command = [sys.executable, "-m", "deploy.local", "--folder", str(folder.root), "demo", "--quiet"]
        supervisor = subprocess.Popen(
            command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        run = _follow(supervisor, folder)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise LocalError("Interrupted: nothing is left running.") from None
    if run is None:
        raise LocalError(f"The system did not start, see above and {folder.logs}.")
    text = announcement(run, folder, load_or_make_secrets(folder)) + "\nStop it with `make down`."
    say(console, text)


def down(folder: DemoFolder, console: Console) -> None:
    """Stop the system, in the background or the foreground, and what a killed supervisor left behind."""
    folder.make()
    with exclusive_or_refused(folder.lock) as free:
        if free:
            left = end_leftovers(folder)
            stop_services(folder.services)
            say(console, f"Stopped {left} processes that were left behind." if left else "Nothing was running.")
            return
    run = load_run(folder)
    if run is None or not is_running(run.pid, SUPERVISOR):
        raise LocalError("The system is only just starting or stopping: try again in a moment.")
    os.kill(run.pid, signal.SIGTERM)
    if not wait_until(lambda: is_free(folder), STOP_SECONDS):
        raise LocalError(
            f"Process {run.pid} did not stop within {STOP_SECONDS} seconds: `kill -9 {run.pid}`, then `make down`."
        )
    say(console, "Stopped.")


def status(folder: DemoFolder, console: Console) -> None:
    """Print where the system is, which of its processes live and how its parts are. Raises LocalError without one."""
    run = load_run(folder)
    if run is None or is_free(folder):
        reason = f"\nIt ended by itself: {run.ended}" if run is not None and run.ended else ""
        raise LocalError(f"The demo is not running. Start it with `make demo` or `make up`.{reason}")
    lines = [f"  {child.name:<10}process {child.pid}{'' if child.lives() else ', gone'}" for child in run.children]
    text = "\n".join([announcement(run, folder, load_or_make_secrets(folder)), *lines, "", *health_lines(folder)])
    say(console, text)


def require_own_data(folder: DemoFolder) -> None:
    """Raise LocalError when the environment names a database that is not ours to empty."""
    database_url = os.environ.get("DATABASE_URL")
    if database_url and database_url not in embedded_urls(folder.services):
        raise LocalError(
            "DATABASE_URL is a server of your own, which this does not touch: empty it there, or unset DATABASE_URL."
        )


def wipe(folder: DemoFolder) -> None:
    """Delete the data of a system that does not run."""
    purge(folder.services)
    shutil.rmtree(folder.root, ignore_errors=True)


def is_free(folder: DemoFolder) -> bool:
    """Whether no supervisor holds the lock."""
    with exclusive_or_refused(folder.lock) as free:
        return free


def _follow(supervisor: subprocess.Popen[bytes], folder: DemoFolder) -> Run | None:
    """Repeat what the supervisor says until it is ready (its run) or has ended (None)."""
    with (folder.logs / "supervisor.log").open() as log:
        while True:
            ended = supervisor.poll() is not None
            run = load_run(folder)
            sys.stdout.write(log.read())
            sys.stdout.flush()
            if ended:
                return None
            if run is not None and run.pid == supervisor.pid and run.ready:
                return run
            time.sleep(POLL_SECONDS)
