"""Where a list of rows goes on: what lies behind the last row of a page, as a filter of definitions.

Rows are ordered by some fields, nothing last, then by their number. Fields of text are compared as the database orders
them in no operator of definitions, so a list by a text goes on by counting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps_engine.contracts import Connector, TableConnector
from apps_engine.language.catalogue import FieldType

COMPARABLE = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.INSTANT})


def key_fields(connector: Connector, order_by: Sequence[str]) -> list[str] | None:
    """The fields whose values are a row's position, its number last; None where only counting tells it."""
    specs = {column.spec.name: column.spec for column in connector.columns}
    number = next((column.spec.name for column in connector.columns if column.source == "pk"), None)
    fields = [term.removeprefix("-") for term in order_by]
    if number is None or not isinstance(connector, TableConnector):
        return None
    if not all(name in specs and specs[name].type in COMPARABLE for name in fields):
        return None
    return [*fields, *([] if number in fields else [number])]


def behind(order_by: Sequence[str], keys: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """The filter of the rows that come after the one whose `keys` have these values."""
    descending = {term.removeprefix("-") for term in order_by if term.startswith("-")}
    return {"or": list(_alternatives(descending, keys, values))}


def _alternatives(descending: set[str], keys: Sequence[str], values: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Equal up to one of the keys, and beyond in that one."""
    for index, (key, value) in enumerate(zip(keys, values, strict=True)):
        equal = {name: _same(before) for name, before in zip(keys[:index], values[:index], strict=True)}
        if value is None:
            # Nothing comes last: behind it there are only rows that a later key tells apart.
            continue
        yield {**equal, key: {"lt" if key in descending else "gt": value}}
        if index < len(keys) - 1:
            yield {**equal, key: {"exists": False}}


def _same(value: Any) -> Mapping[str, Any]:
    return {"exists": False} if value is None else {"eq": value}
