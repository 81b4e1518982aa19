"""One clear line instead of a traceback, from the commands that people type."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.local.folder import DemoFolder
from deploy.local.locks import exclusive
from deploy.local.ports import free_port
from deploy.local.runs import Run, save_run

pytestmark = pytest.mark.requirement("OPS-03")
REPOSITORY = Path(__file__).resolve().parents[2]


def finish(command: Sequence[object], **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "PORT"}}
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=REPOSITORY, env={**clean, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def local(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return finish([sys.executable, "-m", "deploy.local", "--folder", folder, command], **environment)


def one_line(finished: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error of a command that failed."""
    assert finished.returncode == 1, finished
    lines = finished.stderr.splitlines()
    assert len(lines) == 1, finished.stderr
    return lines[0]


@pytest.mark.parametrize("command", ["demo", "up"])
def test_a_port_in_use_is_one_line(tmp_path, command):
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = occupant.getsockname()[1]
        finished = local(tmp_path, command, PORT=str(port))
    assert finished.returncode == 1
    said = finished.stdout + finished.stderr
    assert f"Port {port} is in use: stop what listens there" in said
    assert "Traceback" not in said


def test_a_database_that_does_not_answer_is_one_line_without_its_password(tmp_path):
    url = f"postgresql://me:hunter2@127.0.0.1:{free_port()}/app"
    line = one_line(local(tmp_path, "demo", PORT=str(free_port()), DATABASE_URL=url))
    assert "No PostgreSQL at 127.0.0.1" in line
    assert "unset DATABASE_URL" in line
    assert "hunter2" not in line


def test_a_queue_that_does_not_answer_is_one_line(tmp_path, service_environment):
    addresses = {"DATABASE_URL": service_environment["DATABASE_URL"], "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    line = one_line(local(tmp_path, "demo", PORT=str(free_port()), **addresses))
    assert "No Redis at 127.0.0.1" in line
    assert "unset REDIS_URL" in line


def test_a_second_start_says_where_the_first_is(tmp_path):
    folder = DemoFolder(tmp_path)
    with exclusive(folder.lock):
        save_run(folder, Run(4242, "http://127.0.0.1:8042", "http://127.0.0.1:5555"))
        line = one_line(local(tmp_path, "demo"))
        assert line.startswith("The demo is already running at http://127.0.0.1:8042 (process 4242)")
        again = local(tmp_path, "up")
        assert (again.returncode, "http://127.0.0.1:8042" in again.stdout) == (0, True)


@pytest.mark.parametrize("verb", ["reset", "remove"])
def test_a_database_of_the_caller_is_not_emptied(tmp_path, verb):
    kept = tmp_path / "credentials.json"
    kept.write_text("{}")
    assert "this does not touch" in one_line(local(tmp_path, verb, DATABASE_URL="postgresql://me@db/app"))
    assert kept.exists()


def test_stopping_what_does_not_run_is_no_error_and_asking_for_it_is(tmp_path):
    assert local(tmp_path, "down").stdout == "Nothing was running.\n"
    assert one_line(local(tmp_path, "status")).startswith("The demo is not running.")


def test_removing_deletes_everything_and_starts_nothing(tmp_path):
    folder = DemoFolder(tmp_path / "demo")
    folder.make()
    assert local(folder.root, "remove").stdout == "Nothing was running.\n"
    assert not folder.root.exists()


def test_an_old_python_is_told_what_is_needed():
    program = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); "
        "runpy.run_path('deploy/local/install.py', run_name='__main__')"
    )
    line = one_line(finish([sys.executable, "-c", program]))
    assert line.startswith("Python 3.11 or newer is needed and ")
    assert "is 3.9.2" in line


def test_a_missing_python_is_told_what_is_needed():
    finished = finish(["make", "--no-print-directory", "setup", "PYTHON=/nowhere/python3"])
    assert finished.returncode != 0
    assert finished.stderr.startswith("Python 3.11 or newer is needed and there is no /nowhere/python3: ")


def test_make_alone_lists_the_targets():
    listed = {line.split()[1] for line in finish(["make", "--no-print-directory"]).stdout.splitlines()}
    assert listed >= {"help", "setup", "demo", "up", "down", "status", "remove", "reset", "test", "lint"}
