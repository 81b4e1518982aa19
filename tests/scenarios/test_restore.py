"""A backup is restored into a new database, and its work goes on there (docs/operations.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from apps_engine.store.models import Execution
from decommerce.community.models import OutboundMessage
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.tenancy.context import tenant_scope
from deploy.local.accounts import service_account
from deploy.local.binaries import postgres_programs
from tests.databases import ROLES, drop_database
from tests.environment import REPOSITORY, services
from tests.scenarios.definitions import stamping
from tests.waiting import until
from tests.workers.mail_server import running_mail_server

pytestmark = [pytest.mark.requirement("RUN-05"), pytest.mark.requirement("OPS-05")]
NAME = f"restored_{os.getpid()}"


def run(*command: str | Path) -> None:
    subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **services.environment(NAME)}, check=True)


@pytest.fixture
def restore(database, tmp_path) -> Iterator[Callable[[], str]]:
    """Restore a backup of the test's database into a new one, as the docs say; the owner's address of that one."""
    programs = postgres_programs(replace(service_account(), drops=False), tmp_path)
    backup, address = tmp_path / "decommerce.dump", services.database_url(NAME)
    run(programs / "pg_dump", "-Fc", "-f", backup, database)

    def load() -> str:
        with psycopg.connect(services.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {NAME}")
        run(programs / "pg_restore", "--exit-on-error", "--no-owner", "-d", address, backup)
        run(sys.executable, "manage.py", "setup_database", "--restored", "--verbosity", "0")
        return address

    yield load
    drop_database(services, NAME)


@pytest.fixture
def waiting(tenant, members, start_runs) -> tuple[list[int], str]:
    """Runs that nobody has begun, and the Message-ID of an e-mail that nobody has sent."""
    (member,) = members(1)
    with tenant_scope(tenant.pk):
        (queued,) = queue_messages([NewMessage("hello", "Hello", to_address="ada@example.org")])
        message_id = OutboundMessage.objects.get(pk=queued.message_id).message_id
    return start_runs(stamping(member), count=3), message_id


def test_a_worker_finishes_what_waited_in_a_restored_database_once_and_behind_the_same_walls(
    waiting, restore, processes, tenant
):
    runs, message_id = waiting
    with psycopg.connect(restore(), autocommit=True) as owner, running_mail_server() as mail_server:
        addresses = {name: services.database_url(NAME, role) for name, role in ROLES.items()}
        email = f"smtp://127.0.0.1:{mail_server.port}"
        processes.worker(**addresses, DECOMMERCE_QUEUE_NAMESPACE=NAME, EMAIL_URL=email)
        of_tenant = "tenant_id = %s AND state = %s"
        done = f"SELECT array_agg(id ORDER BY id) FROM engine_execution WHERE {of_tenant}"
        until(lambda: owner.execute(done, [tenant.pk, "succeeded"]).fetchone() == (runs,), "the runs are done")
        sent = f"SELECT count(*) FROM community_outboundmessage WHERE {of_tenant}"
        until(lambda: owner.execute(sent, [tenant.pk, "sent"]).fetchone() == (1,), "the e-mail is sent")
        stamps = "SELECT count(*) FROM community_notification WHERE tenant_id = %s"
        assert owner.execute(stamps, [tenant.pk]).fetchone() == (3,)
    assert [mail["Message-ID"] for mail in mail_server.received] == [message_id]
    with psycopg.connect(addresses["RUNTIME_DATABASE_URL"]) as runtime:
        assert runtime.execute("SELECT count(*) FROM engine_execution").fetchone() == (0,)


def test_nothing_gets_a_number_that_was_given_after_the_backup(
    waiting, restore, tenant, principal, start_runs, members
):
    (member,) = members(1)
    (lost,) = start_runs(stamping(member, name="After the backup"))
    with psycopg.connect(restore(), autocommit=True) as owner:
        assert owner.execute("SELECT count(*) FROM engine_execution WHERE id = %s", [lost]).fetchone() == (0,)
        for model in (Execution, OutboundMessage):
            table = model._meta.db_table
            assert owner.execute(f"SELECT nextval('{table}_id_seq')").fetchone()[0] > lost + 1_000_000
