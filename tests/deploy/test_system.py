"""The whole system, once: from nothing to a running community and back to nothing."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.folder import DemoFolder
from deploy.local.ports import accepts, free_port
from deploy.local.runs import load_run
from deploy.local.services import purge, service_pids

pytestmark = pytest.mark.requirement("OPS-03")
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class System:
    """A folder, and the commands on it."""

    folder: DemoFolder
    port: int

    def run(self, command: str) -> str:
        """What a command said; it has to succeed."""
        outside = {"DATABASE_URL", "REDIS_URL", "RUNTIME_DATABASE_URL", "SCHEDULER_DATABASE_URL"}
        environment = {name: value for name, value in os.environ.items() if name not in outside}
        words = [sys.executable, "-m", "deploy.local", "--folder", str(self.folder.root), command]
        finished = subprocess.run(
            words,
            cwd=REPOSITORY,
            env={**environment, "PORT": str(self.port)},
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def variable(self, name: str) -> str:
        """What a shell that sourced the file finds."""
        script = f'. "$1"; printf %s "${name}"'
        words = ["sh", "-c", script, "sh", str(self.folder.environment)]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A running system."""
    system = System(DemoFolder(tmp_path_factory.mktemp("system") / "demo"), free_port())
    try:
        system.run("up")
        yield system
        system.run("down")
    finally:
        purge(system.folder.services)


def status_of(url: str, headers: dict[str, str] | None = None) -> int:
    """The HTTP status of a GET."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_printed_address_answers_and_every_login_and_key_is_printed(system):
    said = system.run("status")
    assert system.variable("DECOMMERCE_URL") == f"http://127.0.0.1:{system.port}"
    assert status_of(system.variable("DECOMMERCE_URL") + "/readyz") == 200
    tenants = json.loads(system.folder.credentials.read_text())["tenants"]
    assert len(tenants) == 2
    for tenant in tenants:
        assert tenant["admin_email"] in said
        assert tenant["admin_password"] in said
        assert tenant["mcp_key"] in said
    assert "PostgreSQL       up" in said
    assert stat.S_IMODE(system.folder.environment.stat().st_mode) == 0o600


def test_a_second_start_says_where_the_first_is(system):
    assert f"already running at http://127.0.0.1:{system.port}" in system.run("up")


def test_flower_asks_for_the_printed_login(system):
    url = system.variable("FLOWER_URL")
    login = f"{system.variable('FLOWER_USER')}:{system.variable('FLOWER_PASSWORD')}"
    assert status_of(url) == 401
    assert status_of(url, {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}) == 200


def test_no_log_and_no_command_line_holds_a_secret(system):
    names = ("FLOWER_PASSWORD", "DECOMMERCE_SECRET_KEY", "DATABASE_URL", "RUNTIME_DATABASE_URL", "REDIS_URL")
    secrets = [system.variable(name) for name in names]
    secrets += [tenant["admin_password"] for tenant in system.folder.tenants()]
    logs = {path.name: path.read_text(errors="replace") for path in system.folder.logs.iterdir()}
    assert [(name, secret) for name, text in logs.items() for secret in secrets if secret in text] == []


def test_the_end_leaves_no_process(system):
    run = load_run(system.folder)
    assert run is not None
    assert [child.name for child in run.children if not child.lives()] == []
    assert system.run("down") == "Stopped.\n"
    assert [child.name for child in run.children if child.lives()] == []
    assert service_pids(system.folder.services) == {"PostgreSQL": None, "Valkey": None}
    assert not accepts(system.port)
