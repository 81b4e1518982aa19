"""What a transform declares, and how transforms read rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.language.bounds import SORT_FIELDS
from apps_engine.language.errors import LanguageError, WrongType
from apps_engine.language.kinds import described
from apps_engine.language.static_types import Type

Row = Mapping[str, Any]
Types = Mapping[str, Type]
Apply = Callable[[Any, Mapping[str, Any], Any], Any]


def _no_faults(params: Mapping[str, Any]) -> Iterable[tuple[str, LanguageError]]:
    return ()


@dataclass(frozen=True, slots=True)
class TransformSpec:
    """One transform.

    `params` is the JSON Schema of its parameters once rendered. `apply(source, params, rule)` is pure and takes the
    rendered parameters and, of a filter and a map, what is asked of each row; it raises LanguageError. `result` tells
    the static type of the result from that of the source, the parameters as written and the types of what they render.
    `row_fields` names the parameters that list field names of the source's rows, `expressions` those that are formulas,
    `row_expressions` one that is an object of formulas over a row. Without `takes_rows` it has no source. `faults`
    tells what is wrong in parameters as written, each with its name, as far as they are constant.
    """

    name: str
    summary: str
    params: Mapping[str, Any]
    apply: Apply
    result: Callable[[Type, Mapping[str, Any], Types], Type]
    row_fields: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    row_expressions: str | None = None
    takes_rows: bool = True
    faults: Callable[[Mapping[str, Any]], Iterable[tuple[str, LanguageError]]] = _no_faults


def field_names(description: str) -> dict[str, Any]:
    """The JSON Schema of a parameter that lists fields of the rows."""
    return {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "maxItems": SORT_FIELDS,
        "description": description,
    }


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
