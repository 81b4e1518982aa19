"""What arguments must be beyond their kind."""

from __future__ import annotations

from typing import Any

from apps_engine.language.bounds import RESULT_CHARACTERS
from apps_engine.language.errors import InvalidValue


def whole(value: Any) -> int:
    """The number as an int; raises InvalidValue when it has a fraction or is absurd."""
    if abs(value) > RESULT_CHARACTERS or value != int(value):
        raise InvalidValue("not_a_whole_number", f"{value} is no whole number of a fair size.", "Round it first.")
    return int(value)


def count(value: Any) -> int:
    """As `whole`, from zero on."""
    if value < 0:
        raise InvalidValue("negative_count", f"{value} is below zero.", "Give zero or more.")
    return whole(value)


def not_empty(value: str) -> str:
    """The text; raises InvalidValue when it is empty."""
    if not value:
        raise InvalidValue("empty_text", "The text to look for is empty.", "Give at least one character.")
    return value
