"""A receiver of webhooks: a real TLS server on 127.0.0.1 that does, byte by byte, what a test tells it to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread


@dataclass(frozen=True)
class Received:
    """One request as it arrived, and the server name that the client asked for in TLS."""

    server_name: str | None
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[ssl.SSLSocket, Received], None]


def reply(status: str, body: bytes = b"", **headers: str) -> Answer:
    """An ordinary answer; header names are written with underscores."""
    lines = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    return lambda connection, received: connection.sendall(head.encode("latin-1") + body)


class Receiver:
    """Listens at once; `received` fills up in order. `answers` maps a request's path to what is done with it."""

    def __init__(self, context: ssl.SSLContext, address: str = "127.0.0.1", port: int = 0) -> None:
        self.answers: dict[str, Answer] = {}
        self.received: list[Received] = []
        self.accepted = 0
        self.stopping = Event()
        self._context = context
        self._names: dict[int, str | None] = {}
        context.sni_callback = self._note_name
        self._listener = socket.create_server((address, port))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """End; answers that wait on `stopping` end too."""
        self.stopping.set()
        self._listener.close()

    def _note_name(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext) -> None:
        self._names[id(connection)] = name

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as connection:
                received = self._read(connection)
                self.received.append(received)
                self.answers.get(received.target.partition("?")[0], reply("404 Not Found"))(connection, received)
        except OSError:
            plain.close()  # the client refused the certificate, or had enough

    def _read(self, connection: ssl.SSLSocket) -> Received:
        data = b""
        while b"\r\n\r\n" not in data:
            data += _some(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            body += _some(connection)
        method, target, _ = start.split(" ")
        return Received(self._names.get(id(connection)), method, target, headers, body)


def _some(connection: ssl.SSLSocket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the client left")
    return data
