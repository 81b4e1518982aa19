"""The whole of it: TLS under the names of Google for the platform, plain HTTP for a browser at the consent page."""

from __future__ import annotations

import ssl
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from decommerce.accounts.service import SERVICES
from tests.google_server.calendar import Calendars
from tests.google_server.gmail import Mailbox
from tests.google_server.oauth import Identity
from tests.google_server.wire import insufficient, unauthorised
from tests.wire_server import Asked, Reply, WireServer

HOSTS = ("oauth2.googleapis.com", "gmail.googleapis.com", "www.googleapis.com")


class GoogleServer:
    """`asked` holds every request in order; `script` maps a path to the answers that come first there."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.identity = Identity()
        self.mailbox = Mailbox()
        self.calendars = Calendars()
        self.asked: list[Asked] = []
        self.script: dict[str, list[Reply]] = defaultdict(list)
        self._secure = WireServer(self.handle, context)
        self._plain = WireServer(self.handle)
        self.port = self._secure.port
        self.consent_url = f"http://127.0.0.1:{self._plain.port}/o/oauth2/v2/auth"

    def url(self, host: str) -> str:
        """Where one of Google's hosts is."""
        return f"https://{host}:{self.port}"

    def asked_at(self, path: str) -> list[Asked]:
        """The requests of one path."""
        return [asked for asked in self.asked if asked.path == path]

    def stop(self) -> None:
        """End."""
        for server in (self._secure, self._plain):
            server.stop()

    def handle(self, asked: Asked) -> Reply:
        """The answer to a request."""
        self.asked.append(asked)
        if self.script[asked.path]:
            return self.script[asked.path].pop(0)
        if asked.path == "/o/oauth2/v2/auth":
            return self._consent(asked)
        if asked.path in {"/token", "/revoke"}:
            return self.identity.token(asked) if asked.path == "/token" else self.identity.revoke(asked)
        if asked.path == "/batch/gmail/v1":
            return self.mailbox.batch(asked, self._api)
        return self._api(asked)

    def _consent(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return self.identity.consent_page(asked)
        form = parse_qs(asked.body.decode())
        return self.identity.verdict(asked, form.get("scope", []), allowed=form["verdict"] == ["allow"])

    def _api(self, asked: Asked) -> Reply:
        """Gmail or Calendar, for a token that allows it."""
        holder = self.identity.holder(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if holder is None:
            return unauthorised()
        service = "gmail" if asked.path.startswith("/gmail/") else "calendar"
        if not SERVICES[service].is_granted(holder.scopes):
            return insufficient()
        return self.mailbox.handle(asked) if service == "gmail" else self.calendars.handle(asked)


@contextmanager
def running_google(context: ssl.SSLContext) -> Iterator[GoogleServer]:
    """A Google on the loopback address."""
    server = GoogleServer(context)
    yield server
    server.stop()
