"""Values as text: what a placeholder inside text, `to_text` and `join` write."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from apps_engine.language.arithmetic import bounded
from apps_engine.language.bounds import RESULT_CHARACTERS
from apps_engine.language.errors import BoundExceeded, MissingValue
from apps_engine.language.jsonwriter import TooLong, write_json
from apps_engine.language.kinds import Kind, kind_of


def to_text(value: Any, name: str = "value") -> str:
    """The text of a value: numbers in plain digits, `true` and `false`, lists and objects as compact JSON.

    Raises MissingValue, naming `name`, for null: it never reads "None" (LNG-07).
    """
    if type(value) is str:
        return value
    return _WRITERS[kind_of(value)](value, name)


def to_json(value: Any) -> str:
    """Compact JSON, exact; raises BoundExceeded before a text beyond the bound is built."""
    try:
        return write_json(value, RESULT_CHARACTERS)
    except TooLong as error:
        raise result_too_long() from error


def result_too_long() -> BoundExceeded:
    """The error for a text beyond the bound."""
    return BoundExceeded(
        "result_too_long",
        f"A text would have more than {RESULT_CHARACTERS} characters.",
        "Take fewer or shorter values.",
    )


def _number(value: Any, name: str) -> str:
    if not value:
        value = abs(value)
    number = bounded(value)
    return format(number, "f") if isinstance(number, Decimal) else str(int(number))


def _null(value: Any, name: str) -> str:
    raise MissingValue(name, "`{path}` is null, which has no text.", "Add `| default: '...'`.")


_WRITERS: Final[dict[Kind, Callable[[Any, str], str]]] = {
    Kind.TEXT: lambda value, name: str(value),
    Kind.NUMBER: _number,
    Kind.BOOLEAN: lambda value, name: "true" if value else "false",
    Kind.NULL: _null,
    Kind.LIST: lambda value, name: to_json(value),
    Kind.OBJECT: lambda value, name: to_json(value),
}
