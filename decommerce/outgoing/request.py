"""What a caller asks the door to send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from decommerce.outgoing.errors import OutgoingRequestInvalid

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
MAX_HEADER_BYTES = 16_384
MAX_SECONDS = 300
MAX_BYTES = 20_000_000

# They describe the message or the connection, which are the door's, or carry a browser's or a proxy's state.
OWNED_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?|")  # RFC 9110, section 5.5, without obs-text


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRequest:
    """One request. `timeout_seconds` covers the whole call, redirects, DNS and reading included; `max_bytes` bounds the
    answer's body after decompression."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_seconds: float = 10.0
    max_bytes: int = 65_536

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise OutgoingRequestInvalid(
                f"The method {self.method[:20]!r} is not sent.", hint=f"Use one of {', '.join(sorted(METHODS))}."
            )
        if not 0 < self.timeout_seconds <= MAX_SECONDS:
            raise OutgoingRequestInvalid(f"A call takes more than 0 and at most {MAX_SECONDS} seconds.")
        if not 0 <= self.max_bytes <= MAX_BYTES:
            raise OutgoingRequestInvalid(f"An answer has 0 to {MAX_BYTES:,} bytes.")
        for name, value in self.headers.items():
            _check_header(name, value)
        if sum(len(name) + len(value) for name, value in self.headers.items()) > MAX_HEADER_BYTES:
            raise OutgoingRequestInvalid(
                f"The headers are longer than {MAX_HEADER_BYTES:,} bytes.", hint="Send data in the body."
            )


def _check_header(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise OutgoingRequestInvalid(f"{name[:40]!r} is not the name of a header.", hint="Use letters and hyphens.")
    if name.lower() in OWNED_HEADERS:
        raise OutgoingRequestInvalid(f"The header {name} cannot be set.", hint="Leave it out.")
    if not _VALUE.fullmatch(value):
        raise OutgoingRequestInvalid(
            f"The value of the header {name} has characters that a header cannot hold.",
            hint="Use plain ASCII on one line.",
        )
