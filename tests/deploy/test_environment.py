"""The environment of the processes and the file of it that a shell sources."""

from __future__ import annotations

import json
import stat
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from decommerce.push.vapid import authorization
from deploy.local.announcement import announcement
from deploy.local.choices import Choices
from deploy.local.environment import as_role, owner_environment, runtime_environment, write_environment
from deploy.local.folder import DemoFolder
from deploy.local.runs import Run
from deploy.local.secret_values import load_or_make_secrets
from deploy.local.services import Services

pytestmark = pytest.mark.requirement("OPS-03")
CHOICES = Choices(web_port=8000, flower_port=5555, mail_port=8025, database_url=None, redis_url=None)
SERVICES = Services("postgresql://postgres:pw@127.0.0.1:5432/decommerce", "redis://:pw@127.0.0.1:6379/0")
TENANT = {
    "slug": "acme-shop",
    "name": "Acme's shop",
    "admin_email": "ada@acme.example",
    "admin_password": "it's a $HOME `secret`",
    "moderator_email": "mo@acme.example",
    "moderator_password": "another secret",
    "mcp_key": "dk_1",
    "members": 40,
}


@pytest.fixture
def folder(tmp_path: Path) -> DemoFolder:
    folder = DemoFolder(tmp_path)
    folder.make()
    folder.credentials.write_text(json.dumps({"tenants": [TENANT]}))
    return folder


def sourced(folder: DemoFolder, name: str) -> str:
    """What a shell finds in the variable `name` after it sourced the file."""
    script = f'. "$1"; printf %s "${name}"'
    return subprocess.run(["sh", "-c", script, "sh", folder.environment], capture_output=True, text=True).stdout


def test_a_shell_reads_every_value_exactly(folder):
    write_environment(folder, CHOICES, SERVICES, load_or_make_secrets(folder))
    assert sourced(folder, "DECOMMERCE_URL") == "http://127.0.0.1:8000"
    assert sourced(folder, "DATABASE_URL") == SERVICES.database_url
    assert sourced(folder, "REDIS_URL") == SERVICES.redis_url
    assert sourced(folder, "BROKER_URL") == SERVICES.redis_url
    assert sourced(folder, "FLOWER_URL") == "http://127.0.0.1:5555"
    assert sourced(folder, "ACME_SHOP_EMAIL") == TENANT["admin_email"]
    assert sourced(folder, "ACME_SHOP_PASSWORD") == TENANT["admin_password"]
    assert sourced(folder, "ACME_SHOP_MCP_KEY") == TENANT["mcp_key"]


def test_a_shell_meets_the_broker_that_the_processes_use(folder):
    broker = "amqp://user:pw@queue.example:5672/apps"
    choices = replace(CHOICES, broker_url=broker)
    write_environment(folder, choices, SERVICES, load_or_make_secrets(folder))
    assert sourced(folder, "BROKER_URL") == broker


def test_nobody_else_can_read_what_holds_secrets(folder):
    values = load_or_make_secrets(folder)
    write_environment(folder, CHOICES, SERVICES, values)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder.environment, folder.secrets)} == {0o600}
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    assert load_or_make_secrets(folder) == values


def test_secrets_of_an_older_version_are_kept_and_completed(folder):
    values = load_or_make_secrets(folder)
    known = {name: value for name, value in asdict(values).items() if name != "vapid_private_key"}
    folder.secrets.write_text(json.dumps(known))
    completed = load_or_make_secrets(folder)
    assert completed.secret_key == values.secret_key
    assert completed.vapid_private_key != values.vapid_private_key
    assert load_or_make_secrets(folder) == completed


def test_the_running_processes_can_push_to_browsers(folder, settings):
    owner = owner_environment({}, CHOICES, SERVICES, load_or_make_secrets(folder))
    settings.VAPID_PRIVATE_KEY = runtime_environment(owner)["DECOMMERCE_VAPID_PRIVATE_KEY"]
    assert authorization("https://push.example").startswith("vapid t=")


def test_the_running_processes_never_get_the_address_of_the_owner(folder):
    values = load_or_make_secrets(folder)
    owner = owner_environment({"PATH": "/bin", "PGSSLMODE": "require"}, CHOICES, SERVICES, values)
    runtime = runtime_environment(owner)
    assert owner["DATABASE_URL"] == SERVICES.database_url
    assert "DATABASE_URL" not in runtime
    assert not any("postgres:pw" in value for value in runtime.values())
    assert "PGSSLMODE" not in runtime
    assert runtime["PATH"] == "/bin"
    assert runtime["RUNTIME_DATABASE_URL"].startswith("postgresql://decommerce_runtime:")


def test_a_role_keeps_host_database_and_options_of_the_address():
    url = "postgresql://me:p%40ss@[::1]:5433/app?sslmode=require"
    assert as_role(url, "role", "a/b") == "postgresql://role:a%2Fb@[::1]:5433/app?sslmode=require"


def test_the_announcement_names_the_address_every_login_and_every_key(folder):
    values = load_or_make_secrets(folder)
    text = announcement(Run(1, "http://127.0.0.1:8000", "http://127.0.0.1:5555"), folder, values)
    for part in (
        "http://127.0.0.1:8000\n",
        "http://127.0.0.1:8000/mcp",
        "http://127.0.0.1:5555",
        values.flower_password,
    ):
        assert part in text
    for key in ("name", "admin_email", "admin_password", "moderator_password", "mcp_key"):
        assert TENANT[key] in text
