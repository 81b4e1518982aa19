"""Filter objects: one predicate tree for event filters, transforms and connectors (PIP-06, TRG-02)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps_engine.language.errors import PredicateError
from apps_engine.language.templates import Scope, Template, compile_value


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; `path` is the JSON Pointer into the filter object as it was written."""

    field: str
    operator: str
    value: Template
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """Every child holds; without children it always holds."""

    children: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801
    """At least one child holds; without children it never holds."""

    children: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold."""

    child: Predicate


Predicate = Compare | All | Any_ | Not


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row does not match: the comparison that failed and the value it met."""

    field: str
    operator: str
    expected: Any
    actual: Any


def parse_predicate(source: Any) -> Predicate:
    """Read a filter object or a list of `{"field", "op", "value"}`; raises PredicateError with the path."""
    if not isinstance(source, dict):
        raise PredicateError("wrong_type", "A filter is an object.", path="")
    return All(tuple(Compare(name, "eq", compile_value(value), f"/{name}") for name, value in source.items()))


def bind(predicate: Predicate, scope: Scope, now: str) -> Predicate:
    """Render the values, and turn within_last and older_than into comparisons with an instant before `now` (ISO text)."""
    return predicate


def matcher(bound: Predicate) -> Callable[[Mapping[str, Any]], bool]:
    """A test of rows for a bound predicate."""
    return lambda row: first_failure(bound, row) is None


def first_failure(bound: Predicate, row: Mapping[str, Any]) -> Failure | None:
    """The first comparison that keeps a row out, None when the row matches."""
    for child in bound.children if isinstance(bound, All) else ():
        if isinstance(child, Compare) and row.get(child.field) != child.value({}):
            return Failure(child.field, child.operator, child.value({}), row.get(child.field))
    return None
