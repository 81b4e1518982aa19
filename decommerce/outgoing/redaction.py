"""What of a call may be written down: a rule, not a judgement.

Bodies and queries are never written down. A header's value is written only when its name is on the list; a part of a
path that looks like a token is masked, because chat services put their secret there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

REDACTED = "[redacted]"

_SHOWN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "age",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "idempotency-key",
        "retry-after",
        "server",
        "transfer-encoding",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
    }
)
_LOOKS_LIKE_A_TOKEN = re.compile(r"(?=[^/]*[0-9A-Z])[^/]{16,}")
_MAX_TEXT = 200


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers by lower-case name, with the values that may be seen. Control characters become "?"."""
    return {
        _printable(name.lower()): _printable(value) if name.lower() in _SHOWN_HEADERS else REDACTED
        for name, value in headers.items()
    }


def redact_path(path: str) -> str:
    """The path with every part masked that is 16 characters or longer and has a digit or a capital letter."""
    return _LOOKS_LIKE_A_TOKEN.sub(REDACTED, path)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:_MAX_TEXT])
