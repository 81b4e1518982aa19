"""The whole system in the foreground: from nothing to a printed address, and back to nothing on Ctrl-C."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from deploy.local.announcement import announcement
from deploy.local.children import demo_children
from deploy.local.choices import Choices, read_choices
from deploy.local.commands import run_command
from deploy.local.environment import owner_environment, runtime_environment, write_environment
from deploy.local.errors import LocalError
from deploy.local.external import require_database, require_queue
from deploy.local.folder import DemoFolder
from deploy.local.leftovers import end_leftovers
from deploy.local.locks import exclusive_or_refused
from deploy.local.private_files import private_folder
from deploy.local.progress import Progress, say
from deploy.local.runs import Run, load_run, save_run
from deploy.local.secret_values import load_or_make_secrets
from deploy.local.services import Services, embedded_urls, service_pids, start_services, stop_services
from deploy.local.stopping import Stopped, StopRequest
from deploy.local.supervisor import Supervisor

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 90


def run_demo(folder: DemoFolder, console: Console, *, announce: bool) -> None:
    """Run until somebody asks for the end. Raises LocalError when it cannot; either way nothing is left running."""
    folder.make()
    with exclusive_or_refused(folder.lock) as alone:
        if not alone:
            raise LocalError(already_running(folder))
        stop = StopRequest(on_notice=lambda: say(console, "Stopping ..."))
        stop.listen()
        end_leftovers(folder)
        try:
            with suppress(Stopped):
                Demo(folder, console, stop).run(announce)
        except LocalError as error:
            write_down_end(folder, str(error))
            raise
        finally:
            stop_services(folder.services)
    say(console, "Stopped. The data is kept.")


def write_down_end(folder: DemoFolder, reason: str) -> None:
    """Why this very process ends, for `status`."""
    run = load_run(folder)
    if run is not None and run.pid == os.getpid():
        save_run(folder, replace(run, ended=reason))


def already_running(folder: DemoFolder) -> str:
    """The one line about a system that runs."""
    run = load_run(folder)
    where = f" at {run.url} (process {run.pid})" if run else ""
    return f"The demo is already running{where}. Stop it with `make down`."


class Demo:
    """One run of the system. The caller holds the lock of `folder` and stops the services afterwards."""

    def __init__(self, folder: DemoFolder, console: Console, stop: StopRequest) -> None:
        self._folder = folder
        self._console = console
        self._stop = stop
        self._progress = Progress(console, steps=4)
        self._values = load_or_make_secrets(folder)

    def run(self, announce: bool) -> None:
        """Start everything, say where it is, and watch it. Returns never: raises Stopped or LocalError."""
        choices = read_choices(os.environ, embedded_urls(self._folder.services))
        run = Run(os.getpid(), choices.url, choices.flower_url)
        shutil.rmtree(self._folder.metrics, ignore_errors=True)
        private_folder(self._folder.metrics)
        save_run(self._folder, run)
        environment = self._prepare(choices)
        children = demo_children(choices, self._folder, self._values)
        with Supervisor(
            children,
            folder=PROJECT,
            logs=self._folder.logs,
            environment=environment,
            stop=self._stop,
            check=lambda: require_services(self._folder, choices),
        ) as supervisor:
            with self._progress.step("Processes") as detail:
                supervisor.start()
                run = replace(run, children=supervisor.running())
                save_run(self._folder, run)
                supervisor.wait_ready(READY_SECONDS, detail)
            if announce:
                say(self._console, announcement(run, self._folder, self._values) + "\nStop it with Ctrl-C.")
            run = replace(run, ready=True)
            save_run(self._folder, run)

            def tell(line: str) -> None:
                save_run(self._folder, replace(run, children=supervisor.running()))
                say(self._console, line)

            supervisor.watch(tell)

    def _prepare(self, choices: Choices) -> Mapping[str, str]:
        """Services, schema and community; returns the environment of the running processes."""
        with self._progress.step("PostgreSQL and Valkey"):
            services = start_chosen_services(self._folder, choices)
        self._stop.check()
        owner = owner_environment(os.environ, choices, services, self._values)
        with self._progress.step("Roles and migrations") as detail:
            self._manage(("setup_database",), owner, detail)
        with self._progress.step("Demo community") as detail:
            self._manage(("seed_demo", "--credentials-file", str(self._folder.credentials)), owner, detail)
        write_environment(self._folder, choices, services, self._values)
        return runtime_environment(owner)

    def _manage(self, command: tuple[str, ...], environment: Mapping[str, str], detail: Callable[[str], None]) -> None:
        run_command(
            command[0],
            (sys.executable, "manage.py", *command),
            folder=PROJECT,
            logs=self._folder.logs,
            environment=environment,
            stop=self._stop,
            detail=detail,
        )


def start_chosen_services(folder: DemoFolder, choices: Choices) -> Services:
    """The caller's servers where the environment names them, the embedded ones otherwise."""
    if choices.database_url is not None:
        require_database(choices.database_url)
    if choices.redis_url is not None:
        require_queue(choices.redis_url)
    postgres, valkey = choices.database_url is None, choices.redis_url is None
    if not postgres and not valkey:
        return Services(choices.database_url or "", choices.redis_url or "")
    embedded = start_services(folder.services, postgres=postgres, valkey=valkey)
    return Services(choices.database_url or embedded.database_url, choices.redis_url or embedded.redis_url)


def require_services(folder: DemoFolder, choices: Choices) -> None:
    """Raise LocalError when an embedded service that we started is gone."""
    pids = service_pids(folder.services)
    brought = {"PostgreSQL": choices.database_url, "Valkey": choices.redis_url}
    for name, pid in pids.items():
        if pid is None and brought[name] is None:
            raise LocalError(f"{name} ended unexpectedly. Start again with `make demo`; its data is kept.")
