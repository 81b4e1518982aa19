"""Shopify's signature: HMAC-SHA256 over the raw body, in base64. It covers no header."""

from __future__ import annotations

import base64
import hashlib
import hmac


def sign(secret: str, body: bytes) -> str:
    """The value of X-Shopify-Hmac-Sha256 for a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether the signature is right; takes the same time either way."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode(errors="replace"))
