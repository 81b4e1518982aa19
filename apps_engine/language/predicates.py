"""Filter objects, bound to values and tested against rows (TRG-02, PIP-06).

Two-valued: a field that is null or missing satisfies `ne`, `not_in`, `not_contains`, `eq null` and `exists: false`, and
nothing else; `not` is the complement. Text compares by case and code point, instants as instants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps_engine.language.durations import parse_duration
from apps_engine.language.errors import LanguageError, PredicateError
from apps_engine.language.instants import format_instant, parse_instant
from apps_engine.language.operators import OPERATORS
from apps_engine.language.predicate_syntax import parse_predicate, read_predicate
from apps_engine.language.predicate_tree import All, Any_, Compare, Not, Predicate, comparisons, source_of
from apps_engine.language.scope import Scope
from apps_engine.language.templates import constant_template

__all__ = [
    "All",
    "Any_",
    "Compare",
    "Failure",
    "Not",
    "Predicate",
    "bind",
    "comparisons",
    "field_reader",
    "first_failure",
    "matcher",
    "parse_predicate",
    "read_predicate",
    "source_of",
]

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

_RESOLVED: Final = {"within_last": "gte", "older_than": "lt"}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row does not match: the comparison that failed, what it asked for and the value it met (TRG-11).

    Of an `or` none of whose alternatives hold, and of a `not`, `field` lists the fields, `expected` is the filter
    object and `actual` an object of their values.
    """

    field: str
    operator: str
    expected: Any
    actual: Any


def bind(predicate: Predicate, scope: Scope, now: str) -> Predicate:
    """The predicate with its values rendered, and within_last and older_than turned into comparisons with an instant.

    `now` is ISO 8601 text. Raises PredicateError with the path for a value that cannot be rendered or compared.
    """
    return _BINDERS[type(predicate)](predicate, scope, parse_instant(now))


def matcher(bound: Predicate) -> Test:
    """A test of rows; raises PredicateError (`not_bound`) when values are still to be rendered."""
    return _TESTS[type(bound)](bound)


def first_failure(bound: Predicate, row: Row) -> Failure | None:
    """The first part of a bound predicate that keeps a row out; None when the row matches."""
    if matcher(bound)(row):
        return None
    return _FAILURES[type(bound)](bound, row)


def _bind_compare(predicate: Compare, scope: Scope, now: datetime) -> Predicate:
    if predicate.value.constant and not OPERATORS[predicate.operator].clock:
        return predicate
    try:
        value = predicate.value(scope)
        name = "in" if predicate.bare and isinstance(value, list) else predicate.operator
        OPERATORS[name].check(value)
        if OPERATORS[name].clock:
            name, value = _RESOLVED[name], format_instant(now - parse_duration(value))
    except LanguageError as error:
        raise PredicateError(error.code, error.message, error.hint, predicate.path) from error
    return Compare(predicate.field, name, constant_template(value), False, predicate.path)


def _bind_children(predicate: All | Any_, scope: Scope, now: datetime) -> Predicate:
    children = (_BINDERS[type(child)](child, scope, now) for child in predicate.children)
    return type(predicate)(tuple(children))


def _bind_not(predicate: Not, scope: Scope, now: datetime) -> Predicate:
    return Not(_BINDERS[type(predicate.child)](predicate.child, scope, now))


_BINDERS: Final[dict[type, Callable[[Any, Scope, datetime], Predicate]]] = {
    Compare: _bind_compare,
    All: _bind_children,
    Any_: _bind_children,
    Not: _bind_not,
}


def _test_compare(bound: Compare) -> Test:
    operator = OPERATORS[bound.operator]
    if not bound.value.constant or operator.clock:
        raise PredicateError(
            "not_bound", f"The value of `{bound.field}` is not rendered yet.", "Bind first.", bound.path
        )
    test, expected, read = operator.test, operator.prepare(bound.value({})), field_reader(bound.field)
    return lambda row: test(read(row), expected)


def _test_all(bound: All) -> Test:
    tests = tuple(map(matcher, bound.children))
    return lambda row: all(test(row) for test in tests)


def _test_any(bound: Any_) -> Test:
    tests = tuple(map(matcher, bound.children))
    return lambda row: any(test(row) for test in tests)


def _test_not(bound: Not) -> Test:
    test = matcher(bound.child)
    return lambda row: not test(row)


_TESTS: Final[dict[type, Callable[[Any], Test]]] = {
    Compare: _test_compare,
    All: _test_all,
    Any_: _test_any,
    Not: _test_not,
}


def field_reader(name: str) -> Callable[[Row], Any]:
    """How to read a field: null where it or anything above it is missing."""
    if "." not in name:
        return lambda row: row.get(name)
    names = tuple(name.split("."))

    def read(row: Row) -> Any:
        value: Any = row
        for part in names:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    return read


def _compare_failure(bound: Compare, row: Row) -> Failure | None:
    return Failure(bound.field, bound.operator, bound.value({}), field_reader(bound.field)(row))


def _all_failure(bound: All, row: Row) -> Failure | None:
    failures = (first_failure(child, row) for child in bound.children)
    return next((failure for failure in failures if failure is not None), None)


def _combined_failure(bound: Any_ | Not, row: Row) -> Failure | None:
    fields = list(dict.fromkeys(compare.field for compare in comparisons(bound)))
    actual = {name: field_reader(name)(row) for name in fields}
    operator, expected = next(iter(source_of(bound).items()))
    return Failure(", ".join(fields), operator, expected, actual)


_FAILURES: Final[dict[type, Callable[[Any, Row], Failure | None]]] = {
    Compare: _compare_failure,
    All: _all_failure,
    Any_: _combined_failure,
    Not: _combined_failure,
}
