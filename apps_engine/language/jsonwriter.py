"""Values of the language as compact JSON, in one pass that ends as soon as the text is too long.

Faster than the standard encoder for values that hold decimals, which that one cannot write as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, Final

from apps_engine.language.arithmetic import INTEGER_LIMIT, bounded
from apps_engine.language.bounds import VALUE_DEPTH
from apps_engine.language.errors import BoundExceeded, WrongType
from apps_engine.language.kinds import kind_of


class TooLong(Exception):
    """The text has more characters than it may have."""


def write_json(value: Any, most: int) -> str:
    """The JSON of a value.

    Raises TooLong beyond so many characters, BoundExceeded for what nests too deeply or has too many digits, and
    WrongType for what is no value of the language.
    """
    return _Writer(most).write(value, 0)


class _Writer:
    """`left` counts down the characters that may still be written."""

    def __init__(self, most: int) -> None:
        self.left = most

    def write(self, value: Any, depth: int) -> str:
        scalar = _SCALARS.get(type(value))
        if scalar is not None:
            text = scalar(value)
            self._count(len(text))
            return text
        if depth >= VALUE_DEPTH:
            raise BoundExceeded("too_deep", f"A value nests more than {VALUE_DEPTH} lists and objects.", "Flatten it.")
        if isinstance(value, list):
            return f"[{','.join(self._items(value, depth + 1))}]"
        if isinstance(value, dict):
            names = self._names(value)
            values = self._items(value.values(), depth + 1)
            return f"{{{','.join([f'{name}:{item}' for name, item in zip(names, values, strict=True)])}}}"
        return self.write(_plain(value), depth)

    def _items(self, values: Collection[Any], depth: int) -> list[str]:
        """The values, counted with what stands between them. Most of the time is here, so the loop is written out."""
        self._count(max(len(values), 1) + 1)
        texts, left = [], self.left
        for value in values:
            scalar = _SCALARS.get(type(value))
            if scalar is None:
                self.left = left
                text = self.write(value, depth)
                left = self.left
            else:
                text = scalar(value)
                left -= len(text)
                if left < 0:
                    raise TooLong
            texts.append(text)
        self.left = left
        return texts

    def _names(self, value: dict[Any, Any]) -> list[str]:
        names = []
        for name in value:
            if not isinstance(name, str):
                raise WrongType("A key of an object is a text.")
            written = encode_basestring(name)
            self._count(len(written) + 1)
            names.append(written)
        return names

    def _count(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise TooLong


def _integer(value: int) -> str:
    return repr(value) if -INTEGER_LIMIT < value < INTEGER_LIMIT else str(bounded(value))


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise WrongType(f"{value} is no number of the language.")
    return str(value)


def _float(value: float) -> str:
    """No value of the language, but a foreign library may have left one inside a result."""
    if not isfinite(value):
        raise WrongType(f"{value} is no number of the language.")
    return repr(value)


def _plain(value: Any) -> Any:
    """A text, number or truth of a type of its own, as one of the language's types; raises WrongType."""
    kind_of(value)
    return next(known(value) for known in (bool, int, Decimal, str) if isinstance(value, known))


_SCALARS: Final[dict[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    int: _integer,
    Decimal: _decimal,
    float: _float,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
}
