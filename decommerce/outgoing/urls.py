"""The one parser of outgoing URLs. What is connected to, signed, logged and checked all derive from its result."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote

from decommerce.outgoing.domains import normalise_host
from decommerce.outgoing.errors import OutgoingUrlRefused

MAX_URL = 2_048
DEFAULT_PORT = 443

_URL = re.compile(r"([^:/?#]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"([^:]+)(?::([0-9]{0,5}))?")
# RFC 3986: what may stand in a path or query as it is. Everything else is percent-encoded as UTF-8.
_AS_IT_IS = "%/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class Url:
    """An https URL in its one spelling. `path` and `query` are percent-encoded; `query` has no question mark."""

    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the default."""
        return self.host if self.port == DEFAULT_PORT else f"{self.host}:{self.port}"

    @property
    def text(self) -> str:
        """The whole URL."""
        return f"https://{self.authority}{self.path}" + (f"?{self.query}" if self.query else "")


def parse_url(text: str, ports: Collection[int]) -> Url:
    """The URL's parts; raises OutgoingUrlRefused for everything but a plain https URL of a named host.

    A fragment is dropped, as no client sends it.
    """
    if len(text) > MAX_URL:
        raise OutgoingUrlRefused(f"The URL is longer than {MAX_URL:,} characters.", hint="Send data in the body.")
    if not text.isprintable() or " " in text or "\\" in text:
        raise OutgoingUrlRefused(
            "The URL contains white space, a control character or a backslash.", hint="Use the url_encode filter."
        )
    match = _URL.fullmatch(text)
    if match is None or match[1].lower() != "https":
        raise OutgoingUrlRefused("The URL does not begin with https://.", hint="Only https is sent.")
    host, port = _authority(match[2])
    if port not in ports:
        allowed = ", ".join(str(port) for port in sorted(ports))
        raise OutgoingUrlRefused(f"Port {port} is not allowed.", hint=f"Allowed: {allowed}.")
    query = match[4][1:] if match[4] else ""
    return Url(host, port, quote(match[3] or "/", safe=_AS_IT_IS), quote(query, safe=_AS_IT_IS + "?"))


def _authority(text: str) -> tuple[str, int]:
    if "@" in text:
        raise OutgoingUrlRefused("The URL contains a user name.", hint="Send credentials in a header.")
    if "[" in text or "]" in text:
        raise OutgoingUrlRefused("The URL's host is an IP address.", hint="Use the name of the host.")
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise OutgoingUrlRefused("The URL has no host, or its port is no number.", hint="Use https://example.com/path.")
    return normalise_host(match[1]), int(match[2] or DEFAULT_PORT)
