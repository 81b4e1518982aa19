"""A RabbitMQ of a test's own, where its program is installed (Debian: rabbitmq-server)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import until

# Not the wrapper on the path, which changes to an account that may not enter the folders of a test.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 90


@dataclass(frozen=True)
class RabbitMQ:
    """`url` is for BROKER_URL; its own program that controls it needs the environment of the server."""

    url: str
    popen: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    def freeze(self) -> None:
        """SIGSTOP: it takes connections and says nothing."""
        os.killpg(self.popen.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.killpg(self.popen.pid, signal.SIGCONT)

    def fill(self) -> None:
        """Bring it to its limit of memory: it answers and takes no message."""
        self._limit_memory("absolute", "1")

    def make_room(self) -> None:
        """Take it back."""
        self._limit_memory("0.6")

    def _limit_memory(self, *limit: str) -> None:
        command = [PROGRAM.with_name("rabbitmqctl"), "set_vm_memory_high_watermark", *limit]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def kill(self) -> None:
        """kill -9, with all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


def is_installed() -> bool:
    """Whether there is a server to start."""
    return PROGRAM.exists()


@contextmanager
def running_rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    """A server on free ports of the loopback address, with its data in `folder`."""
    port, names, between = _free_port(), _free_port(), _free_port()
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    environment = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_DIST_PORT": str(between),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        # Else it refuses to end while it still believes in the server that was killed.
        "ERL_EPMD_RELAXED_COMMAND_CHECK": "true",
    }
    with (folder / "server.log").open("wb") as log:
        popen = subprocess.Popen([PROGRAM], env=environment, stdout=log, stderr=log, start_new_session=True)
    server = RabbitMQ(f"amqp://guest:guest@127.0.0.1:{port}//", popen, environment)
    try:
        until(lambda: _answers(port), "RabbitMQ answers", START_SECONDS)
        yield server
    finally:
        server.kill()
        # The register of names is a daemon in a session of its own; it ends when nobody is in it.
        epmd = shutil.which("epmd")
        if epmd is not None:
            subprocess.run([epmd, "-port", str(names), "-kill"], capture_output=True, check=False)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
