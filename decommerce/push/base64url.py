"""Base64url without padding (RFC 4648, section 5), as Web Push writes keys."""

from __future__ import annotations

import base64
import binascii


def encoded(data: bytes) -> str:
    """The text of some bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of a text, padded or not; raises ValueError."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url text") from error
