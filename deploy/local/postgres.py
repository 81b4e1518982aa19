"""The embedded PostgreSQL: one cluster, password only, loopback only."""

import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local.accounts import Account
from deploy.local.binaries import postgres_programs
from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK
from deploy.local.private_files import write_private
from deploy.local.processes import is_running, read_pid, wait_until

SUPERUSER = "postgres"
DATABASE = "decommerce"
START_SECONDS = 60
STOP_SECONDS = 30

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Data that may be lost with the machine, for tests. What was committed still outlives a killed server.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A cluster below `base`, run by `account`."""

    base: Path
    account: Account
    password: str

    @cached_property
    def programs(self) -> Path:
        return postgres_programs(self.account, self.base)

    @property
    def data(self) -> Path:
        return self.base / "postgres"

    @property
    def log(self) -> Path:
        return self.base / "postgres.log"

    def url(self, port: int, database: str = DATABASE) -> str:
        """The URL of the superuser."""
        return f"postgresql://{SUPERUSER}:{self.password}@{LOOPBACK}:{port}/{database}"

    def pid(self) -> int | None:
        """The number of the running server, None when it does not run."""
        pid = read_pid(self.data / "postmaster.pid")
        return pid if is_running(pid, str(self.data)) else None

    def start(self, port: int, *, durable: bool) -> None:
        """Start the server on `port`, on the data of last time, and return when it answers."""
        self._initialise()
        self._disown_stale_pid()
        settings = {**SETTINGS, "port": str(port), **({} if durable else NOT_DURABLE)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        started = self._run("pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-l", str(self.log), "-o", options)
        if started.returncode != 0:
            raise LocalError(f"PostgreSQL did not start: {_last_line(self.log)} The whole log: {self.log}")
        self._create_database(port)

    def stop(self) -> None:
        """Stop the server; returns when the process is gone."""
        pid = self.pid()
        if pid is None:
            return
        for mode in ("fast", "immediate"):
            if self._run("pg_ctl", "stop", "-m", mode, "-w", "-t", str(STOP_SECONDS)).returncode == 0:
                break
        if not wait_until(lambda: not is_running(pid, str(self.data)), 10):
            raise LocalError(f"PostgreSQL (process {pid}) does not stop. Its log: {self.log}")

    def _initialise(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists():
            return self._refuse_other_version(version.read_text().strip())
        password_file = self.base / "password"
        write_private(password_file, self.password, self.account)
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        access = ("-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password_file}")
        made = self._run("initdb", "-E", "UTF8", *locale, *access, "--no-instructions")
        password_file.unlink()
        if made.returncode != 0:
            raise LocalError(f"PostgreSQL could not make its data folder {self.data}: {made.stderr.strip()}")
        return None

    def _disown_stale_pid(self) -> None:
        # The number may be another process's by now, or a zombie's, and the server would believe that it runs
        # already. It knows ours as its starter's (PG_GRANDPARENT_PID) and goes on to its other checks.
        lock = self.data / "postmaster.pid"
        if lock.exists():
            _, _, rest = lock.read_text().partition("\n")
            lock.write_text(f"{os.getpid()}\n{rest}")

    def _refuse_other_version(self, made_by: str) -> None:
        ours = self._run("postgres", "--version", on_data=False).stdout.split()[2].partition(".")[0]
        if made_by != ours:
            raise LocalError(
                f"The data in {self.data} is of PostgreSQL {made_by} and this is {ours}: "
                "dump it with the old version first, or start anew with `make reset`."
            )

    def _create_database(self, port: int) -> None:
        with psycopg.connect(self.url(port, "postgres"), autocommit=True, sslmode="disable") as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not exists:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _run(self, program: str, *arguments: str, on_data: bool = True) -> subprocess.CompletedProcess[str]:
        # PGHOST and its kin belong to whatever other server the caller works with.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        where = ("-D", str(self.data)) if on_data else ()
        return subprocess.run(
            [self.programs / program, *where, *arguments],
            env={**environment, "HOME": str(self.base), "LC_ALL": "C"},
            check=False,
            cwd="/",
            text=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops the server in its turn
            # The server inherits what pg_ctl writes to: a pipe would stay open as long as the server runs.
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            **self.account.process_arguments,
        )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing."
