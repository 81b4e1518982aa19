"""The kinds of value in a scope: those of JSON, with numbers exact (int or Decimal, never float)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from apps_engine.language.errors import WrongType

NUMBER_TYPES: Final[frozenset[type]] = frozenset({int, Decimal})


class Kind(StrEnum):
    """What a value is. An instant is a text that holds an ISO 8601 date or time; `any` is for declarations."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    LIST = "list"
    OBJECT = "object"
    INSTANT = "instant"
    ANY = "any"


TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.INSTANT: (str,),
    Kind.NUMBER: (int, Decimal),
    Kind.BOOLEAN: (bool,),
    Kind.NULL: (type(None),),
    Kind.LIST: (list,),
    Kind.OBJECT: (dict,),
    Kind.ANY: (str, int, Decimal, bool, list, dict),
}

_BY_TYPE: Final[dict[type, Kind]] = {
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    Decimal: Kind.NUMBER,
    type(None): Kind.NULL,
    list: Kind.LIST,
    dict: Kind.OBJECT,
}

_ARTICLES: Final[dict[Kind, str]] = {
    Kind.TEXT: "a text",
    Kind.INSTANT: "a date or time",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.NULL: "null",
    Kind.LIST: "a list",
    Kind.OBJECT: "an object",
    Kind.ANY: "a value",
}


def kind_of(value: Any) -> Kind:
    """The kind of a JSON value; raises WrongType for what is none (a float, a datetime)."""
    found = _BY_TYPE.get(type(value))
    if found is None:
        found = next((kind for known, kind in _BY_TYPE.items() if isinstance(value, known)), None)
    if found is None:
        raise WrongType(
            f"A {type(value).__name__} is no value of the language.", "Pass JSON values, numbers as Decimal."
        )
    return found


def described(value: Any) -> str:
    """The kind of a value with its article, for messages: "a text"."""
    return _ARTICLES[kind_of(value)]


def described_kinds(kinds: tuple[Kind, ...]) -> str:
    """What is accepted, for messages: "a text or a list"."""
    return " or ".join(_ARTICLES[kind] for kind in kinds)


def excerpt(value: Any, length: int = 40) -> str:
    """The start of a value for messages; values may be long and hostile."""
    kind = kind_of(value)
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    if kind is Kind.NUMBER:
        return str(value) if abs(value) < 10**length else "a very long number"
    if kind is not Kind.TEXT:
        return _ARTICLES[kind]
    return value if len(value) <= length else f"{value[:length]}..."
