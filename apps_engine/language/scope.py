"""What a template is rendered with: names and their JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from apps_engine.language.errors import MissingValue
from apps_engine.language.instants import parse_instant

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope], Any]


def now_of(scope: Scope) -> datetime:
    """The instant at which the scope was made; the language never reads a clock."""
    now = scope.get("now")
    if not isinstance(now, str):
        raise MissingValue("now")
    return parse_instant(now)
