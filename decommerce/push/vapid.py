"""Saying who sends: the platform's key, and a signed token for each push service (RFC 8292)."""

from __future__ import annotations

import time
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings

from decommerce.community.exact_json import dumps
from decommerce.push.base64url import decoded, encoded
from decommerce.push.encryption import CURVE, public_point
from decommerce.push.errors import PushNotSetUp

# A service may refuse a token that is valid for more than a day.
TOKEN_SECONDS = 12 * 3600
_HEADER = encoded(dumps({"typ": "JWT", "alg": "ES256"}).encode())


def public_key() -> str:
    """The key that a browser subscribes with, base64url; empty where push is not set up."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    return encoded(public_point(_key(settings.VAPID_PRIVATE_KEY).public_key()))


def authorization(origin: str) -> str:
    """The Authorization header for a push service, e.g. https://fcm.googleapis.com; raises PushNotSetUp."""
    if not settings.VAPID_PRIVATE_KEY:
        raise PushNotSetUp("Push is not set up here.", hint="The operator sets DECOMMERCE_VAPID_PRIVATE_KEY.")
    claims = {
        "aud": origin,
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}",
    }
    signed = f"{_HEADER}.{encoded(dumps(claims).encode())}"
    signature = _key(settings.VAPID_PRIVATE_KEY).sign(signed.encode(), ec.ECDSA(SHA256()))
    # RFC 7518, section 3.4: the two numbers, 32 bytes each.
    numbers = b"".join(number.to_bytes(32) for number in decode_dss_signature(signature))
    return f"vapid t={signed}.{encoded(numbers)}, k={public_key()}"


@lru_cache(maxsize=8)
def _key(text: str) -> ec.EllipticCurvePrivateKey:
    """The private key from its 32 bytes, base64url; raises PushNotSetUp for anything else."""
    try:
        return ec.derive_private_key(int.from_bytes(decoded(text)), CURVE)
    except ValueError as error:
        raise PushNotSetUp(
            "DECOMMERCE_VAPID_PRIVATE_KEY is no key of the curve P-256.", hint="It is 32 bytes as base64url."
        ) from error
