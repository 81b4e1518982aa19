"""A real web process for tests: uvicorn with the project's ASGI application, on a port of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.decommerce.push.push_service import KEY

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 180.0
POOL = "8"


@dataclass(frozen=True)
class WebServer:
    """Where it listens, and the file it logs to."""

    url: str
    log: Path
    pid: int

    @property
    def mcp_url(self) -> str:
        """The endpoint of agents."""
        return f"{self.url}/mcp"


@contextmanager
def web_server(
    environment: Mapping[str, str], log: Path, *, access_log: bool = False, application: str = "decommerce.asgi"
) -> Iterator[WebServer]:
    """A web process that answers, stopped at the end."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", f"{application}:application", "--port", str(port)]
    command += [] if access_log else ["--no-access-log"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={
                "DECOMMERCE_DATABASE_POOL": POOL,
                "DECOMMERCE_VAPID_PRIVATE_KEY": KEY,
                **environment,
                "DECOMMERCE_PUBLIC_URL": url,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_alive(process, url, log)
            yield WebServer(url, log, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_alive(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the web process did not start:\n{log.read_text()}")
