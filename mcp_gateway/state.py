"""The state that a client carries from one round of a call to the next: sealed, and good for ten minutes."""

from __future__ import annotations

import hashlib

from django.conf import settings
from mcp.server.request_state import RequestStateSecurity

TTL_SECONDS = 600.0


def request_state_security() -> RequestStateSecurity:
    """Keys that every web process derives alike from SECRET_KEY; SECRET_KEY_FALLBACKS still open what they sealed."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return RequestStateSecurity(keys=[_key(secret) for secret in secrets], ttl=TTL_SECONDS)


def _key(secret: str) -> bytes:
    return hashlib.sha256(b"mcp request state:" + secret.encode()).digest()
