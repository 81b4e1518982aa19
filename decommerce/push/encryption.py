"""Encrypting a message for one browser, so that no push service reads it (RFC 8291; RFC 8188, aes128gcm)."""

from __future__ import annotations

import secrets
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
AUTH_BYTES = 16
SALT_BYTES = 16
RECORD_BYTES = 4096
_HEADER = "!16sLB"
_LAST_RECORD = b"\x02"
_TAG_BYTES = 16
# What every push service takes is 4096 bytes, header and tag included (RFC 8291, section 4).
MAX_PAYLOAD = RECORD_BYTES - struct.calcsize(_HEADER) - 65 - _TAG_BYTES - len(_LAST_RECORD)


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as 65 bytes, uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(
    payload: bytes,
    browser_point: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push request: one record, for the browser with that public key and secret.

    `salt` and `key` are new for each message, unless a test vector gives them. Raises ValueError for a payload over
    MAX_PAYLOAD or a key that is no point of the curve.
    """
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"a payload has at most {MAX_PAYLOAD} bytes")
    salt, key = salt or secrets.token_bytes(SALT_BYTES), key or ec.generate_private_key(CURVE)
    browser = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser_point)
    own_point = public_point(key.public_key())
    shared = key.exchange(ec.ECDH(), browser)
    material = _derived(auth, shared, b"WebPush: info\0" + browser_point + own_point, 32)
    content_key = _derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, material, b"Content-Encoding: nonce\0", 12)
    record = AESGCM(content_key).encrypt(nonce, payload + _LAST_RECORD, None)
    return struct.pack(_HEADER, salt, RECORD_BYTES, len(own_point)) + own_point + record


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
