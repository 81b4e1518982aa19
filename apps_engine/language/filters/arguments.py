"""What arguments must be beyond their kind."""

from __future__ import annotations

from typing import Any

from apps_engine.language.bounds import LIST_ITEMS, RESULT_CHARACTERS
from apps_engine.language.errors import BoundExceeded, InvalidValue
from apps_engine.language.kinds import excerpt


def whole(value: Any) -> int:
    """The number as an int; raises InvalidValue when it has a fraction or is absurd."""
    if abs(value) > RESULT_CHARACTERS or value != int(value):
        raise InvalidValue(
            "not_a_whole_number", f"{excerpt(value)} is no whole number of a fair size.", "Round it first."
        )
    return int(value)


def count(value: Any) -> int:
    """As `whole`, from zero on."""
    if value < 0:
        raise InvalidValue("negative_count", f"{excerpt(value)} is below zero.", "Give zero or more.")
    return whole(value)


def at_least_one(value: Any) -> int:
    """As `whole`, from one to as many as a list has items."""
    if value < 1:
        raise InvalidValue("negative_count", f"{excerpt(value)} is below one.", "Give one or more.")
    if value > LIST_ITEMS:
        raise BoundExceeded("list_too_long", f"A list has at most {LIST_ITEMS} items.", "Give a smaller number.")
    return whole(value)


def not_empty(value: str) -> str:
    """The text; raises InvalidValue when it is empty."""
    if not value:
        raise InvalidValue("empty_text", "The text to look for is empty.", "Give at least one character.")
    return value
