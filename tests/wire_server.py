"""A server of JSON on real sockets: what it was asked is kept, and what it answers is up to a function."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    def first(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Reply:
    """One answer; `silent` never comes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


SILENCE = Reply(silent=True)


def answer(document: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON document; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(document, indent=2).encode()
    return Reply(status, body, {"Content-Type": "application/json; charset=UTF-8", **named})


class WireServer:
    """Listens on the loopback address, with TLS where there is a context for it."""

    def __init__(self, handle: Callable[[Asked], Reply], context: ssl.SSLContext | None = None) -> None:
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(handle, self.stopping))
        self._server.daemon_threads = True
        if context is not None:
            plain = self._server.socket
            self._server.socket = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self.port: int = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End; whoever waits for an answer that never comes goes too."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(handle: Callable[[Asked], Reply], stopping: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = handle(Asked(self.command, self.path, headers, body))
            if reply.silent:
                stopping.wait()
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    return Handler
