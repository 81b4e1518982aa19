"""Order the rows by one or more fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps_engine.language.errors import WrongType
from apps_engine.language.instants import instant_or_none
from apps_engine.language.kinds import Kind, kind_of
from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import Type
from apps_engine.language.transforms.record import Row, TransformSpec, Types, field_names, rows_of, value_at

_SORTABLE = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN})


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> list[Row]:
    """Stable; rows without a value come last, whatever the direction."""
    rows = rows_of(source, "sort")
    for name in reversed(params["by"]):
        rows = _by(rows, name.removeprefix("-"), name.startswith("-"))
    return rows


def _by(rows: list[Row], field: str, descending: bool) -> list[Row]:
    values = [(value_at(row, field), row) for row in rows]
    present = [(value, row) for value, row in values if value is not None]
    key = _key([value for value, _ in present], field)
    present.sort(key=lambda pair: key(pair[0]), reverse=descending)
    return [row for _, row in present] + [row for value, row in values if value is None]


def _key(values: list[Any], field: str) -> Callable[[Any], Any]:
    """What to compare: texts that are all instants go by time, everything else by value."""
    kinds = {kind_of(value) for value in values}
    if len(kinds) > 1 or not kinds <= _SORTABLE:
        raise WrongType(f"Rows cannot be sorted by `{field}`: its values have no common order.")
    if kinds == {Kind.TEXT} and all(instant_or_none(value) for value in values):
        return instant_or_none
    return lambda value: value


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    return source


SORT = TransformSpec(
    name="sort",
    summary="Order the rows by fields; a leading minus means descending.",
    params={
        "type": "object",
        "properties": {"by": field_names('Field names, the most important first: ["-xp", "name"].')},
        "required": ["by"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
    row_fields=("by",),
)
