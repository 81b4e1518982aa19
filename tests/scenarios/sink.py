"""A server that an app tells something: it remembers each request, and honours idempotency keys."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Sink:
    """`requests` are pairs of key and body; while `silent` is set, requests arrive and get no answer."""

    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    receipts: dict[str, int] = field(default_factory=dict)
    silent: threading.Event = field(default_factory=threading.Event)

    def take(self, key: str, body: bytes) -> int:
        """Note a request; the receipt of its key, the same each time."""
        self.requests.append((key, body))
        return self.receipts.setdefault(key, len(self.receipts) + 1)


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink on the loopback address."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receipt = sink.take(self.headers["Idempotency-Key"], body)
            if sink.silent.is_set():
                # Whoever asked finds the connection open and quiet until it gives up.
                self.rfile.read(1)
                return
            answer = json.dumps({"receipt": receipt}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()
