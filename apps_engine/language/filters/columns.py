"""Fields of the rows of a list, for the filters that name one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from apps_engine.language.bounds import FIELD_CHARACTERS
from apps_engine.language.errors import InvalidValue, MissingValue, WrongType
from apps_engine.language.instants import instant_or_none
from apps_engine.language.kinds import NUMBER_TYPES, Kind, described, kind_of
from apps_engine.language.suggestions import did_you_mean

_ABSENT: Final = object()


def column(rows: list[Any], name: str) -> list[Any]:
    """The field of every row; a dot goes into nested objects. Raises MissingValue where a row has none (LNG-07)."""
    found = _fields(rows, name)
    for index, value in enumerate(found):
        if value is _ABSENT:
            raise _missing(rows[index], index, name)
    return found


def column_or_null(rows: list[Any], name: str) -> list[Any]:
    """As `column`, with null where a row has no such field; raises MissingValue when not one of the rows has it."""
    found = _fields(rows, name)
    if rows and all(value is _ABSENT for value in found):
        raise _missing(rows[0], 0, name)
    return [None if value is _ABSENT else value for value in found]


def values_of(rows: list[Any], name: str | None) -> list[Any]:
    """The items themselves, or their field when one is named; raises MissingValue for a null among them."""
    values = rows if name is None else column(rows, name)
    for index, value in enumerate(values):
        if value is None:
            path = f"[{index}]" if name is None else f"[{index}].{name}"
            raise MissingValue(path, "`{path}` is null.", "Leave nulls out with `compact` or `where` first.")
    return values


def sort_keys(values: list[Any]) -> list[Any]:
    """A key for each value, so that numbers sort as numbers, dates as instants and texts by code point.

    Raises WrongType for values that have no order among one another.
    """
    if all(type(value) in NUMBER_TYPES for value in values):
        return values
    for value in values:
        if type(value) is not str:
            other = next((known for known in values if kind_of(known) is not kind_of(value)), value)
            raise WrongType(
                f"{described(value).capitalize()} and {described(other)} have no order.",
                "Sort numbers, texts or dates.",
            )
    instants: list[datetime | None] = [instant_or_none(value) for value in values]
    return values if None in instants else instants


def _fields(rows: list[Any], name: str) -> list[Any]:
    """The field of every row, _ABSENT where there is none."""
    if len(name) > FIELD_CHARACTERS:
        message = f"The name of a field has at most {FIELD_CHARACTERS} characters."
        raise InvalidValue("bad_field", message, "Write a name such as `xp`.")
    parts = name.split(".")
    if len(parts) == 1:
        return [row.get(name, _ABSENT) if isinstance(row, Mapping) else _ABSENT for row in rows]
    return [_nested(row, parts) for row in rows]


def _nested(row: Any, parts: list[str]) -> Any:
    value = row
    for part in parts:
        if not isinstance(value, Mapping) or part not in value:
            return _ABSENT
        value = value[part]
    return value


def _missing(row: Any, index: int, name: str) -> MissingValue:
    if kind_of(row) is not Kind.OBJECT:
        return MissingValue(f"[{index}].{name}", hint=f"Item {index} is {described(row)}, not an object.")
    return MissingValue(f"[{index}].{name}", hint=did_you_mean(name, row))
