"""A browser that subscribed to push: its keys, and reading what arrives (RFC 8291, section 3, from the other side)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from decommerce.push.base64url import encoded


class Browser:
    """Its `point` and `secret` go to the platform with the endpoint; the private key stays."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.secret = secrets.token_bytes(16)

    def keys(self) -> dict[str, str]:
        """What PushSubscription.toJSON() says under `keys`."""
        return {"p256dh": encoded(self.point), "auth": encoded(self.secret)}

    def read(self, message: bytes) -> bytes:
        """The plain payload; raises InvalidTag for what is meant for somebody else."""
        salt, length, named = message[:16], int.from_bytes(message[16:20]), message[20]
        sender, record = message[21 : 21 + named], message[21 + named :]
        assert len(record) <= length
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        material = _hkdf(self.secret, shared, b"WebPush: info\x00" + self.point + sender, 32)
        content_key = _hkdf(salt, material, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _hkdf(salt, material, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(content_key).decrypt(nonce, record, None)
        return plain.rstrip(b"\x00")[:-1]


def _hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 for outputs of one block, by hand: another way than the platform's."""
    extracted = hmac.digest(salt, material, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)[:length]
