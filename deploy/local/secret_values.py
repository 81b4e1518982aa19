"""Passwords and keys of one running system: made once, kept as long as its data."""

import json
import secrets
from dataclasses import asdict, dataclass, field

from deploy.local.folder import DemoFolder
from deploy.local.private_files import write_private


def _new() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class SecretValues:
    """Each is random text that is safe in a URL and in a shell."""

    runtime_password: str = field(default_factory=_new)
    scheduler_password: str = field(default_factory=_new)
    flower_password: str = field(default_factory=_new)
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))


def load_or_make_secrets(folder: DemoFolder) -> SecretValues:
    """The secrets of last time, or new ones."""
    try:
        return SecretValues(**json.loads(folder.secrets.read_text()))
    except FileNotFoundError:
        values = SecretValues()
        write_private(folder.secrets, json.dumps(asdict(values), indent=1) + "\n")
        return values
