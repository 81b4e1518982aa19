"""A wire between a process and a service that a test cuts and mends, slows, half-closes, or has swallow answers."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

# What PostgreSQL says when a transaction is committed: CommandComplete, its length, the command.
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
MOST_BYTES = 65_536


class Wire:
    """Listens on a port of its own and passes bytes on to `target`; cut, it refuses as a dead server does.

    `bitten` counts by act the connections that came to feel it, of `hold` and `swallow` the messages.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._pairs: set[_Pair] = set()
        self._lock = threading.Lock()
        self._flows_at = 0.0
        self._to_swallow: list[bytes] = []
        self.bitten: Counter[str] = Counter()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def cut(self) -> None:
        """End every connection; new ones are refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end("cut")

    def drop(self) -> None:
        """End every connection; new ones are welcome."""
        self._end("drop")

    def _end(self, act: str) -> None:
        with self._lock:
            ended, self._pairs = self._pairs, set()
            self.bitten[act] += len(ended)
        for pair in ended:
            pair.end()

    def mend(self) -> None:
        """Listen again, on the same port."""
        self._listener = self._listen(self.port)

    def hold(self, seconds: float) -> None:
        """Pass nothing on for so long, in either direction; it comes late then."""
        self._flows_at = time.monotonic() + seconds

    def half_close(self, seconds: float) -> None:
        """The service sees every connection end, the other side notices nothing and waits; after `seconds` it does."""
        with self._lock:
            pairs = set(self._pairs)
            self.bitten["half close"] += len(pairs)
        for pair in pairs:
            pair.half_close(seconds)

    def swallow(self, answer: bytes, times: int = 1) -> None:
        """Of the next answers that hold these bytes so many are kept back, and their connections end instead."""
        with self._lock:
            self._to_swallow += [answer] * times

    @property
    def waiting(self) -> int:
        """The answers that are still to be kept back."""
        return len(self._to_swallow)

    @property
    def swallowed(self) -> int:
        """The answers that were kept back."""
        return self.bitten["swallow"]

    def through(self, url: str) -> str:
        """The same address, by this wire."""
        parts = urlsplit(url)
        before, _, _ = parts.netloc.rpartition("@")
        netloc = f"{before}@127.0.0.1:{self.port}" if before else f"127.0.0.1:{self.port}"
        return urlunsplit(parts._replace(netloc=netloc))

    def passes(self, answer: bytes) -> bool:
        """Asked for each answer: waits while the wire is held; False for one that is to be swallowed."""
        late = self._flows_at - time.monotonic()
        if late > 0:
            with self._lock:
                self.bitten["hold"] += 1
            time.sleep(late)
        if not self._to_swallow:
            return True
        with self._lock:
            found = next((wanted for wanted in self._to_swallow if wanted in answer), None)
            if found is not None:
                self._to_swallow.remove(found)
                self.bitten["swallow"] += 1
        return found is None

    def ended(self, pair: _Pair) -> None:
        """Forget a connection."""
        with self._lock:
            self._pairs.discard(pair)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(self._target)
                except OSError:
                    # The service is away: whoever called sees its connection end.
                    near.close()
                    continue
                pair = _Pair(self, near, far)
                with self._lock:
                    self._pairs.add(pair)
                threading.Thread(target=pair.run, daemon=True).start()


class _Pair:
    """One connection: `near` is the process under test, `far` the service."""

    def __init__(self, wire: Wire, near: socket.socket, far: socket.socket) -> None:
        self._wire = wire
        self._near = near
        self._far = far
        self._deaf_until = 0.0

    def run(self) -> None:
        with self._near, self._far, suppress(OSError, ValueError):
            while self._pass_on():
                pass
            time.sleep(max(0.0, self._deaf_until - time.monotonic()))
        self._wire.ended(self)

    def half_close(self, seconds: float) -> None:
        self._deaf_until = time.monotonic() + seconds
        with suppress(OSError):
            self._far.shutdown(socket.SHUT_WR)

    def end(self) -> None:
        for end in (self._near, self._far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pass_on(self) -> bool:
        readable, _, _ = select.select([self._near, self._far], [], [])
        for end in readable:
            data = end.recv(MOST_BYTES)
            if not data:
                return False
            if end is self._near:
                self._wire.passes(b"")
                self._far.sendall(data)
            elif not self._wire.passes(data):
                return False
            elif not self._deaf_until:
                self._near.sendall(data)
        return True


def wire_to(url: str) -> Wire:
    """A wire to the server of an address."""
    parts = urlsplit(url)
    return Wire((parts.hostname or "127.0.0.1", parts.port or 0))
