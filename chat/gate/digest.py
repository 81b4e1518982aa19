"""What exactly a person confirms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from apps_engine.language import jsontext


def digest_of(
    tool: str, arguments: Mapping[str, Any], *, app_id: int | None, app_version: int | None, user_id: int | None
) -> str:
    """SHA-256, in hexadecimal, over the canonical JSON of the tool, its arguments, the app's version and the person."""
    bound = {"tool": tool, "arguments": arguments, "app": app_id, "version": app_version, "user": user_id}
    return hashlib.sha256(jsontext.dumps(bound, sort_keys=True).encode()).hexdigest()
