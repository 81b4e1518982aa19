"""A server that an app tells or asks something: it remembers each request, and honours idempotency keys."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Sink:
    """`requests` are pairs of key and body, `answered` the bodies of those that were answered.

    `asked` are the keys that were looked up; while `unaskable`, nobody hears of them. An answer takes `seconds`; while
    `silent` is set, and from number `silent_after` on, requests arrive and get none; a body in `refused` is refused.
    """

    url: str = ""
    seconds: float = 0.0
    silent_after: int = 1_000_000
    refused: set[bytes] = field(default_factory=set)
    answered: list[bytes] = field(default_factory=list)
    most_at_once: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unaskable: bool = False
    receipts: dict[str, int] = field(default_factory=dict)
    silent: threading.Event = field(default_factory=threading.Event)

    def take(self, key: str, body: bytes) -> int:
        """Note a request; the receipt of its key, the same each time."""
        with self.lock:
            self.requests.append((key, body))
            if len(self.requests) > self.silent_after:
                self.silent.set()
            return self.receipts.setdefault(key, len(self.receipts) + 1)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Counts how many are served at once."""
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self.lock:
                self.at_once -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, sink: Sink) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sink = sink

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked is gone, as tests will have it; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        sink, length = self.server.sink, int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # Cut off in the middle: nothing was asked.
            return
        receipt = sink.take(self.headers["Idempotency-Key"], body)
        with sink.serving():
            if sink.silent.is_set():
                # Whoever asked finds the connection open and quiet until it gives up.
                self.rfile.read(1)
                return
            time.sleep(sink.seconds)
            self._answer(403 if body in sink.refused else 200, {"receipt": receipt, "text": body.decode().upper()})
        sink.answered.append(body)

    def do_GET(self) -> None:
        """Whether a key was there: `/?key=...`."""
        sink, key = self.server.sink, parse_qs(urlsplit(self.path).query)["key"][0]
        sink.asked.append(key)
        if sink.unaskable:
            self._answer(503, {})
        else:
            self._answer(200, {"receipt": sink.receipts.get(key)})

    def _answer(self, status: int, value: dict[str, object]) -> None:
        answer = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink on the loopback address."""
    sink = Sink()
    server = _Server(sink)
    sink.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()
