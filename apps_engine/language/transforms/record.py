"""What a transform declares, and how transforms read rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.language.errors import WrongType
from apps_engine.language.kinds import described
from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import Type

Row = Mapping[str, Any]
Types = Mapping[str, Type]
Apply = Callable[[Any, Mapping[str, Any], Predicate | None], Any]


@dataclass(frozen=True, slots=True)
class TransformSpec:
    """One transform.

    `params` is the JSON Schema of its parameters once rendered. `apply(source, params, where)` is pure and takes the
    rendered parameters and, for a filter, the bound predicate; it raises LanguageError. `result` tells the static type
    of the result from that of the source, the parameters as written and the types of what they render. `row_fields`
    names the parameters that list field names of the source's rows.
    """

    name: str
    summary: str
    params: Mapping[str, Any]
    apply: Apply
    result: Callable[[Type, Mapping[str, Any], Types], Type]
    row_fields: tuple[str, ...] = ()


def rows_of(source: Any, transform: str) -> list[Row]:
    """The source as rows; raises WrongType when it is no list of objects."""
    if not isinstance(source, list):
        raise WrongType(f"`{transform}` takes a list, not {described(source)}.", "Let `from` name a list.")
    for row in source:
        if not isinstance(row, Mapping):
            raise WrongType(f"`{transform}` takes a list of objects; one item is {described(row)}.")
    return source


def value_at(row: Row, path: str) -> Any:
    """The value of a field, or of a dotted path of fields; None when it is not there."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
