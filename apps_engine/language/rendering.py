"""Values as text: what a placeholder inside text, `to_text` and `join` write."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from apps_engine.language.arithmetic import bounded
from apps_engine.language.bounds import RESULT_CHARACTERS, VALUE_DEPTH
from apps_engine.language.errors import BoundExceeded, MissingValue
from apps_engine.language.jsontext import dumps
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
    _refuse_large(value)
    text = dumps(value)
    if len(text) > RESULT_CHARACTERS:
        raise result_too_long()
    return text


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


def _refuse_large(value: Any) -> None:
    """Count no more characters than there will be, so that neither time nor memory goes far beyond the limit."""
    characters = 0
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        characters += _least_characters(item)
        if characters > RESULT_CHARACTERS:
            raise result_too_long()
        if depth > VALUE_DEPTH:
            raise BoundExceeded("too_deep", f"A value nests more than {VALUE_DEPTH} lists and objects.", "Flatten it.")
        children = item.values() if type(item) is dict else item if type(item) is list else ()
        pending.extend((child, depth + 1) for child in children)


def _least_characters(item: Any) -> int:
    if type(item) is dict:
        return sum(map(len, item)) + 4 * len(item)
    if type(item) is list:
        return len(item)
    return len(item) if type(item) is str else 1
