"""Keys by which a deed is done only once."""

from __future__ import annotations

import hashlib

MAX_KEY = 200


def stored_key(key: str) -> str:
    """The key as it is stored: itself, or a digest of it where it is longer than the column."""
    if len(key) <= MAX_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: MAX_KEY - len(digest) - 1]}:{digest}"
