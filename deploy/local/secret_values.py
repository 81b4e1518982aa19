"""Passwords and keys of one running system: made once, kept as long as its data."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field

from deploy.local.folder import DemoFolder
from deploy.local.private_files import write_private

# FIPS 186-5, curve P-256: how many points it has.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _new() -> str:
    return secrets.token_urlsafe(24)


def _new_private_key() -> str:
    """A key of the curve P-256 for push (RFC 8292): a number from 1 to below the curve's order, as base64url."""
    number = 1 + secrets.randbelow(P256_ORDER - 1)
    return base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")


@dataclass(frozen=True)
class SecretValues:
    """Each is random text that is safe in a URL and in a shell."""

    runtime_password: str = field(default_factory=_new)
    scheduler_password: str = field(default_factory=_new)
    flower_password: str = field(default_factory=_new)
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    vapid_private_key: str = field(default_factory=_new_private_key)


def load_or_make_secrets(folder: DemoFolder) -> SecretValues:
    """The secrets of last time, with new ones for what there was no secret of then."""
    known = json.loads(folder.secrets.read_text()) if folder.secrets.exists() else {}
    values = SecretValues(**known)
    if asdict(values) != known:
        write_private(folder.secrets, json.dumps(asdict(values), indent=1) + "\n")
    return values
