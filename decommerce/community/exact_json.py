"""JSON in and out with decimals digit for digit: money is never a float, neither in a column nor in an event.

The engine's own reader of definitions stands above this layer; this one is for payloads of the platform.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn

_NUL_OR_SURROGATE = re.compile("[\x00\ud800-\udfff]")
MAX_DIGITS = 40
# No payload of a shop or of an event comes near it, and every reader of what is kept can follow it.
MAX_DEPTH = 64


class ExactJSONDecoder(json.JSONDecoder):
    """Reads numbers with a point or an exponent as Decimal; refuses NaN and Infinity."""

    def __init__(self) -> None:
        super().__init__(parse_float=_decimal, parse_int=_integer, parse_constant=_refuse)


class ExactJSONEncoder(json.JSONEncoder):
    """Writes a Decimal as a number.

    The standard encoder cannot, so each goes out as a marked text and loses its quotes afterwards; the mark is random
    and new for each document, so that no value can forge it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "allow_nan": False, "ensure_ascii": False})
        self._mark = ""

    def default(self, o: Any) -> Any:
        if not isinstance(o, Decimal):
            return super().default(o)
        if not o.is_finite():
            raise ValueError(f"{o} is no JSON value")
        self._mark = self._mark or secrets.token_hex(16)
        return f"{self._mark}{o}"

    def encode(self, o: Any) -> str:
        self._mark = ""
        text = super().encode(o)
        return re.sub(f'"{self._mark}([^"]*)"', r"\1", text) if self._mark else text


def dumps(value: Any) -> str:
    """The compact JSON text of a value; raises ValueError or TypeError for what is no JSON value."""
    return ExactJSONEncoder(separators=(",", ":")).encode(value)


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError for anything else, nesting without end included."""
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        value = ExactJSONDecoder().decode(decoded)
    except RecursionError as error:
        raise ValueError("the document nests too deeply") from error
    if _is_deeper(value, MAX_DEPTH):
        raise ValueError("the document nests too deeply")
    return value


def storable(value: Any) -> Any:
    """The value without the characters that PostgreSQL cannot store: U+0000 and halves of surrogate pairs."""
    if isinstance(value, str):
        return _NUL_OR_SURROGATE.sub("", value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects nest in each other more often; looked at level by level, since depth is the danger."""
    level = [value]
    for _ in range(levels + 1):
        level = [item for held in level for item in _items(held)]
        if not level:
            return False
    return True


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
