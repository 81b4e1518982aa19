"""A wire between a process and a service that a test can cut and mend."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class Wire:
    """Listens on a port of its own and passes bytes on to `target`; cut, it refuses as a dead server does."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def cut(self) -> None:
        """End every connection; new ones are refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            ended, self._sockets = self._sockets, set()
        for end in ended:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self) -> None:
        """Listen again, on the same port."""
        self._listener = self._listen(self.port)

    def through(self, url: str) -> str:
        """The same address, by this wire."""
        parts = urlsplit(url)
        before, _, _ = parts.netloc.rpartition("@")
        netloc = f"{before}@127.0.0.1:{self.port}" if before else f"127.0.0.1:{self.port}"
        return urlunsplit(parts._replace(netloc=netloc))

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                with self._lock:
                    self._sockets |= {near, far}
                threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with near, far, suppress(OSError, ValueError):
            while True:
                readable, _, _ = select.select([near, far], [], [])
                for end in readable:
                    data = end.recv(65_536)
                    if not data:
                        return
                    other[end].sendall(data)


def wire_to(url: str) -> Wire:
    """A wire to the server of an address."""
    parts = urlsplit(url)
    return Wire((parts.hostname or "127.0.0.1", parts.port or 0))
