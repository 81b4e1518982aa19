"""Times in the arguments of commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from decommerce.community.importing.timeline import read_time


def time_of(options: Mapping[str, Any], name: str) -> datetime | None:
    """The time that was given as the option, if any; raises CommandError."""
    try:
        return read_time(options[name]) if options[name] else None
    except ValueError as error:
        raise CommandError(f"--{name.replace('_', '-')}: {error}") from error
