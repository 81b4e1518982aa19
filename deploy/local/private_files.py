"""Files that nobody else may read."""

import os
import secrets
from pathlib import Path

from deploy.local.accounts import Account


def write_private(path: Path, text: str, owner: Account | None = None) -> None:
    """Replace `path` by `text` in one step, mode 0600 from its first moment."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    if owner is not None:
        owner.take(draft)
    draft.replace(path)


def private_folder(path: Path, owner: Account | None = None) -> Path:
    """Make `path` when it is missing; mode 0700 in any case."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if owner is not None:
        owner.take(path)
    return path
