"""The second back end of a predicate: a condition in SQL that answers as the closure does (PIP-06).

The language is two-valued: a comparison with NULL is false and its complement true. Each leaf therefore says so itself
(`x IS NOT NULL AND ...`), so that NOT needs no third value. Text is ordered by code point, whatever the database's
collation. A text that is no instant, compared with an instant, is an error of the language.

What SQL has no equal for is left to the closure: patterns of RE2, and texts that hold an instant, which compare as
instants. Then the condition lets through every row that matches and others too, and `exact` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, Q, Value
from django.db.models.functions import Collate
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from apps_engine.contracts import Column
from apps_engine.language.catalogue import FieldType
from apps_engine.language.instants import instant_or_none, parse_instant
from apps_engine.language.predicates import All, Any_, Compare, Not, Predicate, comparisons

NEVER = Q(pk__in=[])
ALWAYS = ~NEVER
_ORDER = {"gt": GreaterThan, "gte": GreaterThanOrEqual, "lt": LessThan, "lte": LessThanOrEqual}
_COMPLEMENTS = {"ne": "eq", "not_in": "in", "not_contains": "contains"}
_CONTAINING = frozenset({"contains", "not_contains"})
# What looks at the characters of a text, whatever it means.
_PIECEWISE = frozenset({"contains", "not_contains", "starts_with", "ends_with", "exists"})


class _NoMatch(Exception):
    """The value is not of the field's type: no row compares with it."""


def condition(predicate: Predicate, columns: Mapping[str, Column]) -> Q:
    """The bound predicate as a Django condition over the columns' sources; no matching row fails it."""
    return _NODES[type(predicate)](predicate, columns, True)


def exact(predicate: Predicate, columns: Mapping[str, Column]) -> bool:
    """Whether the condition lets through the matching rows only."""
    return all(_in_sql(compare, columns[compare.field]) for compare in comparisons(predicate))


# A node under an odd number of `not` is asked for a condition that only matching rows meet, so that its opposite lets
# every row through that fails the node.
def _all(node: All, columns: Mapping[str, Column], generous: bool) -> Q:
    combined = ALWAYS
    for child in node.children:
        combined &= _NODES[type(child)](child, columns, generous)
    return combined


def _any(node: Any_, columns: Mapping[str, Column], generous: bool) -> Q:
    combined = NEVER
    for child in node.children:
        combined |= _NODES[type(child)](child, columns, generous)
    return combined


def _not(node: Not, columns: Mapping[str, Column], generous: bool) -> Q:
    return ~_NODES[type(node.child)](node.child, columns, not generous)


def _compare(node: Compare, columns: Mapping[str, Column], generous: bool) -> Q:
    column = columns[node.field]
    if not _in_sql(node, column):
        return ALWAYS if generous else NEVER
    value = node.value({})
    if node.operator in _COMPLEMENTS:
        return ~_leaf(column, _COMPLEMENTS[node.operator], value)
    return _leaf(column, node.operator, value)


def _in_sql(node: Compare, column: Column) -> bool:
    if node.operator == "matches":
        return False
    if column.spec.type is FieldType.LIST and node.operator in _CONTAINING:
        return _plain(node.value({}))
    return column.spec.type is not FieldType.TEXT or node.operator in _PIECEWISE or _none_instant(node.value({}))


def _none_instant(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return not any(isinstance(one, str) and instant_or_none(one) for one in values)


def _plain(value: Any) -> bool:
    """Whether lists of any sort tell alike that they hold this value."""
    return isinstance(value, str) and _none_instant(value)


def _leaf(column: Column, operator: str, value: Any) -> Q:
    try:
        return _OPERATORS[operator](column, value)
    except _NoMatch:
        return NEVER


def _present(column: Column) -> Q:
    # What is worked out is not worked out twice where it cannot be null.
    return ALWAYS if not column.spec.nullable else Q(**{f"{column.source}__isnull": False})


def _equals(column: Column, value: Any) -> Q:
    if value is None:
        return Q(**{f"{column.source}__isnull": True})
    return _present(column) & Q(**{column.source: _comparable(column, value)})


def _is_in(column: Column, values: Any) -> Q:
    # One IN, so that what is worked out beside a row is worked out once for a thousand values.
    comparable = []
    for value in values:
        with suppress(_NoMatch):
            comparable.append(_comparable(column, value))
    return _present(column) & Q(**{f"{column.source}__in": comparable})


def _comparable(column: Column, value: Any) -> Any:
    typed = _typed(column, value)
    if column.spec.type is FieldType.INTEGER and isinstance(typed, Decimal):
        raise _NoMatch
    return typed


def _ordered(operator: str) -> Callable[[Column, Any], Q]:
    def compare(column: Column, value: Any) -> Q:
        field = Collate(F(column.source), "C") if column.spec.type is FieldType.TEXT else F(column.source)
        typed = _typed(column, value)
        # Django would cut the fraction off for a column of whole numbers.
        bound = Value(typed, output_field=DecimalField()) if isinstance(typed, Decimal) else typed
        return _present(column) & Q(_ORDER[operator](field, bound))

    return compare


def _between(column: Column, bounds: Any) -> Q:
    low, high = bounds
    return _leaf(column, "gte", low) & _leaf(column, "lte", high)


def _text(lookup: str) -> Callable[[Column, Any], Q]:
    def compare(column: Column, value: Any) -> Q:
        if column.spec.type is FieldType.LIST:
            return _present(column) & Q(**{f"{column.source}__contains": [_string_or_no_match(value)]})
        return _present(column) & Q(**{f"{column.source}__{lookup}": _typed(column, value)})

    return compare


def _string_or_no_match(value: Any) -> str:
    text = _string(value)
    if text is None:
        raise _NoMatch
    return str(text)


def _exists(column: Column, value: Any) -> Q:
    return Q(**{f"{column.source}__isnull": not value})


def _typed(column: Column, value: Any) -> Any:
    typed = _TYPES[column.spec.type](value)
    if typed is None:
        raise _NoMatch
    return typed


def _number(value: Any) -> Any:
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _whole(value: Any) -> Any:
    number = _number(value)
    integral = isinstance(number, Decimal) and number == number.to_integral_value()
    return int(number) if integral else number


def _string(value: Any) -> Any:
    return value if isinstance(value, str) and "\x00" not in value else None


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _instant(value: Any) -> Any:
    # As text it would compare with the written form of the column, which no author means.
    return parse_instant(value) if isinstance(value, str) else None


def _nothing(value: Any) -> Any:
    return None


_NODES: Mapping[type, Callable[[Any, Mapping[str, Column], bool], Q]] = {
    All: _all,
    Any_: _any,
    Not: _not,
    Compare: _compare,
}
_OPERATORS: Mapping[str, Callable[[Column, Any], Q]] = {
    "eq": _equals,
    "in": _is_in,
    "gt": _ordered("gt"),
    "gte": _ordered("gte"),
    "lt": _ordered("lt"),
    "lte": _ordered("lte"),
    "between": _between,
    "contains": _text("contains"),
    "starts_with": _text("startswith"),
    "ends_with": _text("endswith"),
    "exists": _exists,
}
_TYPES: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: _string,
    FieldType.INTEGER: _whole,
    FieldType.DECIMAL: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.INSTANT: _instant,
    FieldType.LIST: _nothing,
    FieldType.OBJECT: _nothing,
}
