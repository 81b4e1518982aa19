"""Text that is encrypted at rest (SEC-07): a leaked table alone opens nothing."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

PURPOSE = b"decommerce/encrypted-text/1"
KEY_BYTES = 32


class EncryptedTextField(models.TextField):
    """Stores a Fernet token (AES-128-CBC with HMAC-SHA256) and reads as plain text; it cannot be filtered by.

    The key is derived from SECRET_KEY; SECRET_KEY_FALLBACKS still read, so the secret can be rotated.
    """

    def get_prep_value(self, value: Any) -> str | None:
        plain = super().get_prep_value(value)
        return None if plain is None else _cipher().encrypt(plain.encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else _cipher().decrypt(value.encode()).decode()


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str | bytes) -> bytes:
    material = secret.encode() if isinstance(secret, str) else secret
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(material)
    return base64.urlsafe_b64encode(derived)
