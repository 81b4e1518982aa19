"""TCP ports of this machine."""

import errno
import secrets
import socket

from deploy.local.errors import LocalError

LOOPBACK = "127.0.0.1"
# Below those that Linux and macOS give to outgoing connections: such a one could be lost before it is used.
RANGE = range(15_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, another each time."""
    for port in secrets.SystemRandom().sample(RANGE, 100):
        if not is_taken(port):
            return port
    raise LocalError(f"No free port was found from {RANGE.start} to {RANGE.stop}.")


def is_taken(port: int) -> bool:
    """Whether something listens on `port` already."""
    with socket.socket() as probe:
        # Without it a port whose last connections are in TIME_WAIT would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def accepts(port: int) -> bool:
    """Whether a server takes connections on `port`."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
