"""The supervisor with real, small children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.background import status
from deploy.local.commands import run_command
from deploy.local.demo import write_down_end
from deploy.local.errors import LocalError
from deploy.local.folder import DemoFolder
from deploy.local.leftovers import end_leftovers
from deploy.local.processes import command_of, wait_until
from deploy.local.runs import Run, load_run, save_run
from deploy.local.stopping import Stopped, StopRequest
from deploy.local.supervisor import MOST_SOON, Child, Supervisor

pytestmark = pytest.mark.requirement("OPS-03")
REPOSITORY = Path(__file__).resolve().parents[2]

# Say when it was asked to end, and end.
RECORDER = "trap 'echo {name} >> order; exit 0' TERM; touch {name}; while :; do sleep 0.02; done"
STUBBORN = "trap '' TERM; sleep 600 & echo $! > grandchild; touch {name}; while :; do sleep 1; done"
MORTAL = "touch {name}; while [ ! -e end ]; do sleep 0.02; done; echo the reason >&2; exit 7"
QUIET = "touch {name}; exec sleep 600"

SystemStarter = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> DemoFolder:
    folder = DemoFolder(tmp_path / "demo")
    folder.make()
    return folder


@pytest.fixture
def start_system(folder: DemoFolder) -> Iterator[SystemStarter]:
    """Start a supervisor with these children and wait until it is ready."""
    systems = []

    def start(*commands: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        words = [command.format(name=f"child{number}") for number, command in enumerate(commands)]
        command = [sys.executable, "-m", "tests.deploy.small_system", str(folder.root), *words]
        system = subprocess.Popen(
            command, cwd=REPOSITORY, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        systems.append(system)
        assert wait_until(lambda: ready(folder, system) is not None, 15)
        return system

    yield start
    for system in systems:
        system.kill()
        system.wait()
    end_leftovers(folder)


def ready(folder: DemoFolder, system: subprocess.Popen[str]) -> Run | None:
    run = load_run(folder)
    return run if run is not None and run.ready and run.pid == system.pid else None


def alive(folder: DemoFolder) -> list[str]:
    run = load_run(folder)
    assert run is not None
    return [child.name for child in run.children if child.lives()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_children_in_order(folder, start_system, number):
    system = start_system(RECORDER, RECORDER, RECORDER)
    assert alive(folder) == ["child0", "child1", "child2"]
    system.send_signal(number)
    output, _ = system.communicate(timeout=15)
    assert (system.returncode, output) == (0, "noticed\n")
    assert alive(folder) == []
    assert (folder.root / "order").read_text().split() == ["child0", "child1", "child2"]


def test_a_terminal_that_is_closed_stops_all_children(folder, start_system):
    ours, theirs = os.openpty()
    system = start_system(QUIET, stdin=theirs)
    os.close(theirs)
    assert alive(folder) == ["child0"]
    os.close(ours)
    output, _ = system.communicate(timeout=15)
    assert (system.returncode, output) == (0, "noticed\n")
    assert alive(folder) == []


def test_a_child_that_does_not_stop_is_killed_with_all_that_it_started(folder, start_system):
    system = start_system(STUBBORN)
    grandchild = int((folder.root / "grandchild").read_text())
    assert command_of(grandchild) == "sleep 600"
    system.send_signal(signal.SIGINT)
    system.communicate(timeout=15)
    assert system.returncode == 0
    assert alive(folder) == []
    assert wait_until(lambda: command_of(grandchild) == "", 5)


def test_a_child_that_dies_again_and_again_is_named_with_the_end_of_its_log_and_the_rest_is_stopped(
    folder, start_system
):
    system = start_system(MORTAL, QUIET)
    (folder.root / "end").touch()
    output, _ = system.communicate(timeout=30)
    assert output.count("child0 ended with exit status 7: it is started again.") == MOST_SOON - 1
    assert "child0 ended with exit status 7. " in output
    assert "the reason" in output
    assert alive(folder) == []


def test_a_child_that_dies_while_the_system_starts_ends_it_at_once(folder):
    child = Child("child", ("sh", "-c", "kill -9 $$"), stage=1, ready=lambda: False)
    with Supervisor([child], folder=folder.root, logs=folder.logs, environment=os.environ, stop=StopRequest()) as one:
        one.start()
        with pytest.raises(LocalError, match="child was ended by signal 9"):
            one.wait_ready(15, lambda detail: None)


def test_what_a_killed_supervisor_left_behind_is_stopped_later(folder, start_system):
    system = start_system(QUIET, QUIET)
    system.kill()
    system.communicate()
    assert alive(folder) == ["child0", "child1"]
    assert end_leftovers(folder) == 2
    assert alive(folder) == []
    assert end_leftovers(folder) == 0


def test_a_process_that_only_has_the_number_of_a_child_is_left_alone(folder, start_system):
    system = start_system(QUIET)
    run = load_run(folder)
    assert run is not None
    save_run(folder, replace(run, children=(replace(run.children[0], started="another time"),)))
    assert end_leftovers(folder) == 0
    assert run.children[0].lives()
    system.send_signal(signal.SIGINT)
    system.communicate(timeout=15)


def test_a_child_that_is_never_ready_is_named(folder):
    slow = Child("slow", ("sh", "-c", "echo still thinking; exec sleep 600"), stage=1, ready=lambda: False)
    details = []
    with Supervisor(
        [slow], folder=folder.root, logs=folder.logs, environment=os.environ, stop=StopRequest()
    ) as supervisor:
        supervisor.start()
        child = supervisor.running()[0]
        with pytest.raises(LocalError, match=r"slow was not ready after 1 seconds[\s\S]*still thinking"):
            supervisor.wait_ready(1, details.append)
    assert details[0] == "waiting for slow"
    assert not child.lives()


def test_a_service_that_is_gone_ends_the_watch(folder):
    def gone() -> None:
        raise LocalError("PostgreSQL ended unexpectedly.")

    child = Child("child", ("sleep", "600"), stage=1)
    with Supervisor(
        [child], folder=folder.root, logs=folder.logs, environment=os.environ, stop=StopRequest(), check=gone
    ) as supervisor:
        supervisor.start()
        with pytest.raises(LocalError, match="PostgreSQL ended"):
            supervisor.watch()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_is_ended_is_started_again_and_told(folder, number):
    child = Child("child", ("sleep", "600"), stage=1)
    stop, told, lines = StopRequest(), [], []
    with Supervisor([child], folder=folder.root, logs=folder.logs, environment=os.environ, stop=stop) as supervisor:
        supervisor.start()
        (first,) = supervisor.running()
        os.kill(first.pid, number)

        def tell(line: str) -> None:
            lines.append(line)
            told.extend(supervisor.running())
            raise Stopped

        with pytest.raises(Stopped):
            supervisor.watch(tell)
        assert lines == [f"child was ended by signal {number}: it is started again."]
        assert told[0].pid != first.pid
        assert told[0].lives()
    assert not told[0].lives()


def test_a_demo_that_ended_by_itself_tells_why_when_it_is_asked(folder):
    save_run(folder, Run(os.getpid(), "http://nowhere", "http://nowhere", ready=True))
    write_down_end(folder, "worker was ended by signal 9.")
    with pytest.raises(LocalError, match=r"not running[\s\S]*It ended by itself: worker was ended by signal 9\."):
        status(folder, Console())


def run(folder: DemoFolder, script: str, details: list[str], stop: StopRequest | None = None) -> None:
    run_command(
        "step",
        ("sh", "-c", script),
        folder=folder.root,
        logs=folder.logs,
        environment=os.environ,
        stop=stop or StopRequest(),
        detail=details.append,
    )


def test_a_command_shows_its_last_line_and_its_failure_shows_the_end_of_its_log(folder):
    details: list[str] = []
    run(folder, "echo first; echo second", details)
    with pytest.raises(LocalError, match=r"`step` failed with exit status 3[\s\S]*no such table"):
        run(folder, "echo no such table >&2; exit 3", details)
    assert (folder.logs / "step.previous.log").read_text() == "first\nsecond\n"


def test_a_request_to_stop_ends_the_running_command(folder):
    stop = StopRequest()
    stop.ask()
    with pytest.raises(Stopped):
        run(folder, "exec sleep 600", [], stop)
