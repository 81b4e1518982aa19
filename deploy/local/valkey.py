"""The embedded Valkey: password only, loopback only, appended to disk."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis

from deploy.local.accounts import Account
from deploy.local.binaries import valkey_program
from deploy.local.errors import LocalError
from deploy.local.pings import ping_queue
from deploy.local.ports import LOOPBACK
from deploy.local.private_files import private_folder, write_private
from deploy.local.processes import is_running, read_pid, stop_process, wait_until

START_SECONDS = 30
STOP_SECONDS = 15


@dataclass(frozen=True)
class Valkey:
    """A server with its data below `base`, run by `account`."""

    base: Path
    account: Account
    password: str

    @cached_property
    def program(self) -> Path:
        return valkey_program(self.account, self.base)

    @property
    def data(self) -> Path:
        return self.base / "valkey"

    @property
    def configuration(self) -> Path:
        return self.data / "valkey.conf"

    @property
    def log(self) -> Path:
        return self.base / "valkey.log"

    def url(self, port: int) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{port}/0"

    def pid(self) -> int | None:
        """The number of the running server, None when it does not run."""
        pid = read_pid(self.data / "valkey.pid")
        return pid if is_running(pid, str(self.configuration)) else None

    def start(self, port: int, *, durable: bool) -> None:
        """Start the server on `port`, on the data of last time, and return when it answers."""
        private_folder(self.data, self.account)
        # In a file, because everybody on the machine can read a command line.
        write_private(self.configuration, self._settings(port, durable), self.account)
        (self.data / "valkey.pid").unlink(missing_ok=True)
        started = subprocess.run(
            [self.program, self.configuration],
            check=False,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops the server in its turn
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **self.account.process_arguments,
        )
        if started.returncode != 0:
            raise LocalError(f"Valkey did not start: {started.stderr.strip() or started.stdout.strip()}")
        if not wait_until(lambda: self._answers(port) and self.pid() is not None, START_SECONDS):
            raise LocalError(f"Valkey did not start on port {port}. Its log: {self.log}")

    def stop(self) -> None:
        """Stop the server; returns when the process is gone."""
        pid = self.pid()
        if pid is not None:
            stop_process(pid, lambda: self.pid() == pid, STOP_SECONDS)

    def _answers(self, port: int) -> bool:
        try:
            ping_queue(self.url(port), seconds=2)
        except (redis.ConnectionError, redis.TimeoutError):
            return False  # not listening yet, or still loading its data
        return True

    def _settings(self, port: int, durable: bool) -> str:
        settings = {
            "bind": LOOPBACK,
            "port": str(port),
            "requirepass": self.password,
            "daemonize": "yes",
            "dir": f'"{self.data}"',
            "pidfile": f'"{self.data / "valkey.pid"}"',
            "logfile": f'"{self.log}"',
            "appendonly": "yes",
            "appendfsync": "everysec" if durable else "no",
            "save": '""',
            # A queue that is full must say so; one that forgets its oldest entries would lose work.
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            # The default title has no path: this one tells our server from another on the machine.
            "proc-title-template": '"{title} {listen-addr} {config-file}"',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())
