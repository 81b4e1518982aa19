"""The file with the demo's logins and keys: read by people and by scripts, by nobody else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class TenantCredentials:
    """What opens one demo tenant; empty where nothing is known of it yet."""

    slug: str
    name: str
    admin_email: str = ""
    admin_password: str = ""
    moderator_email: str = ""
    moderator_password: str = ""
    mcp_key: str = ""
    shop_url: str = ""
    shop_secret: str = ""


def read_credentials(path: Path) -> dict[str, TenantCredentials]:
    """The credentials by tenant; none where the file is missing or is not ours."""
    try:
        tenants = json.loads(path.read_text())["tenants"]
        return {entry["slug"]: TenantCredentials(**_known(entry)) for entry in tenants}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_credentials(path: Path, tenants: Sequence[TenantCredentials]) -> None:
    """Write the file anew, readable by its owner only from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "w") as file:
        file.write(json.dumps({"tenants": [asdict(entry) for entry in tenants]}, indent=2) + "\n")
    draft.replace(path)


def _known(entry: Mapping[str, str]) -> dict[str, str]:
    return {field.name: str(entry[field.name]) for field in fields(TenantCredentials)}
