"""Where migrations of this app look for the field, which is everybody's now."""

from __future__ import annotations

from decommerce.tenancy.encrypted_text import EncryptedTextField

__all__ = ["EncryptedTextField"]
