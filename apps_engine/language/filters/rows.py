"""Filters for lists of objects, by a field of theirs; a dot goes into nested objects (`customer.email`)."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from apps_engine.language.arithmetic import Number, add, divide
from apps_engine.language.comparison import truth
from apps_engine.language.errors import InvalidValue, MissingValue, WrongType
from apps_engine.language.filters.columns import column, column_or_null, sort_keys, values_of
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind, described
from apps_engine.language.operators import known_operator, suggest_operator
from apps_engine.language.rendering import to_text

LIST, TEXT, OBJECT, NUMBER, ANY = Kind.LIST, Kind.TEXT, Kind.OBJECT, Kind.NUMBER, Kind.ANY


def _where(items: list[Any], field: str, first: Any, second: Any) -> list[Any]:
    return [item for item, holds in zip(items, _matching(items, field, first, second), strict=True) if holds]


def _reject(items: list[Any], field: str, first: Any, second: Any) -> list[Any]:
    return [item for item, holds in zip(items, _matching(items, field, first, second), strict=True) if not holds]


def _matching(items: list[Any], field: str, first: Any, second: Any) -> list[bool]:
    """Which rows have a field that holds, that equals a value, or that stands in a relation to one."""
    values = column_or_null(items, field)
    if first is None:
        return [truth(value) for value in values]
    name, expected = ("eq", first) if second is None else (first, second)
    operator = known_operator(name) if isinstance(name, str) else None
    if operator is None or operator.clock:
        raise InvalidValue("unknown_operator", f"There is no operator `{name}` here.", suggest_operator(str(name)))
    operator.check(expected)
    test, prepared = operator.test, operator.prepare(expected)
    return [test(value, prepared) for value in values]


def _group_by(items: list[Any], field: str) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for item, key in zip(items, _keys(items, field), strict=True):
        groups.setdefault(key, []).append(item)
    return groups


def _index_by(items: list[Any], field: str) -> dict[str, Any]:
    return dict(zip(_keys(items, field), items, strict=True))


def _count_by(items: list[Any], field: str | None) -> dict[str, int]:
    return dict(Counter(_keys(items, field)))


def _keys(items: list[Any], field: str | None) -> list[str]:
    """The values of a field, or the items themselves, as the keys of an object."""
    values = values_of(items, field)
    for value in values:
        if isinstance(value, list | dict):
            raise WrongType(f"A group is named by a text or a number, not by {described(value)}.")
    return [to_text(value) for value in values]


def _sum(items: list[Any], field: str | None) -> Number:
    total: Number = 0
    for value in values_of(items, field):
        total = add(total, value)
    return total


def _avg(items: list[Any], field: str | None) -> Number:
    _refuse_empty(items)
    return divide(_sum(items, field), len(items))


def _min(items: list[Any], field: str | None) -> Any:
    _refuse_empty(items)
    values = values_of(items, field)
    keys = sort_keys(values)
    return values[keys.index(min(keys))]


def _max(items: list[Any], field: str | None) -> Any:
    _refuse_empty(items)
    values = values_of(items, field)
    keys = sort_keys(values)
    return values[keys.index(max(keys))]


def _refuse_empty(items: list[Any]) -> None:
    if not items:
        raise MissingValue("[0]", "The list is empty.", "Put `default` after it.")


_PEOPLE: Final = {"people": [{"name": "Ada", "xp": 30, "team": "red"}, {"name": "Bo", "xp": 10, "team": "blue"}]}
_FIELD: Final = Argument("field", (TEXT,))
_FIELD_IF_OBJECTS: Final = Argument("field", (TEXT,), None)
_CONDITION: Final = (_FIELD, Argument("value or operator", (ANY,), None), Argument("value", (ANY,), None))

FILTERS: Final = (
    Filter(
        "pluck",
        "rows",
        (LIST,),
        (_FIELD,),
        LIST,
        "The field of every object.",
        ("{{ people | pluck: 'name' }}", _PEOPLE, ["Ada", "Bo"]),
        column,
    ),
    Filter(
        "where",
        "rows",
        (LIST,),
        _CONDITION,
        LIST,
        "The objects whose field holds, equals a value, or meets an operator of filter objects.",
        ("{{ people | where: 'xp', 'gte', 20 | pluck: 'name' }}", _PEOPLE, ["Ada"]),
        _where,
    ),
    Filter(
        "reject",
        "rows",
        (LIST,),
        _CONDITION,
        LIST,
        "The objects that `where` leaves out.",
        ("{{ people | reject: 'team', 'red' | pluck: 'name' }}", _PEOPLE, ["Bo"]),
        _reject,
    ),
    Filter(
        "group_by",
        "rows",
        (LIST,),
        (_FIELD,),
        OBJECT,
        "An object with a list of the objects for each value of a field.",
        ("{{ people | group_by: 'team' | keys }}", _PEOPLE, ["red", "blue"]),
        _group_by,
    ),
    Filter(
        "index_by",
        "rows",
        (LIST,),
        (_FIELD,),
        OBJECT,
        "An object with the object for each value of a field; of several the last.",
        ("{{ people | index_by: 'name' | keys }}", _PEOPLE, ["Ada", "Bo"]),
        _index_by,
    ),
    Filter(
        "count_by",
        "rows",
        (LIST,),
        (_FIELD_IF_OBJECTS,),
        OBJECT,
        "An object with how often each value of a field, or each item, occurs.",
        ("{{ people | count_by: 'team' }}", _PEOPLE, {"red": 1, "blue": 1}),
        _count_by,
    ),
    Filter(
        "sum",
        "rows",
        (LIST,),
        (_FIELD_IF_OBJECTS,),
        NUMBER,
        "The sum of numbers, or of a field of objects.",
        ("{{ people | sum: 'xp' }}", _PEOPLE, 40),
        _sum,
    ),
    Filter(
        "avg",
        "rows",
        (LIST,),
        (_FIELD_IF_OBJECTS,),
        NUMBER,
        "The average of numbers, or of a field of objects.",
        ("{{ people | avg: 'xp' }}", _PEOPLE, 20),
        _avg,
    ),
    Filter(
        "min",
        "rows",
        (LIST,),
        (_FIELD_IF_OBJECTS,),
        ANY,
        "The least number, text or date, or value of a field.",
        ("{{ people | min: 'xp' }}", _PEOPLE, 10),
        _min,
    ),
    Filter(
        "max",
        "rows",
        (LIST,),
        (_FIELD_IF_OBJECTS,),
        ANY,
        "The greatest number, text or date, or value of a field.",
        ("{{ people | max: 'xp' }}", _PEOPLE, 30),
        _max,
    ),
)
