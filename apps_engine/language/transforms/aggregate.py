"""Count, add up and average rows, all together or by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps_engine.language.arithmetic import Number, add, divide
from apps_engine.language.bounds import COLUMNS
from apps_engine.language.comparison import required_order
from apps_engine.language.errors import WrongType
from apps_engine.language.kinds import NUMBER_TYPES, described
from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import NUMBER, Type, at_path, list_of, object_of
from apps_engine.language.transforms.group import grouped, shared_types
from apps_engine.language.transforms.record import Row, TransformSpec, Types, field_names, rows_of, value_at

_Metric = Callable[[Sequence[Any]], Any]


def _sum(values: Sequence[Any]) -> Number:
    """Exact, whatever the number of digits up to 40; raises NumberError beyond."""
    total: Number = 0
    for value in values:
        total = add(total, _number(value))
    return total


def _average(values: Sequence[Any]) -> Number | None:
    return divide(_sum(values), len(values)) if values else None


def _number(value: Any) -> Number:
    if type(value) not in NUMBER_TYPES:
        raise WrongType(f"`aggregate` adds numbers; one value is {described(value)}.")
    number: Number = value
    return number


def _smallest(values: Sequence[Any]) -> Any:
    return _extreme(values, -1)


def _largest(values: Sequence[Any]) -> Any:
    return _extreme(values, 1)


def _extreme(values: Sequence[Any], sign: int) -> Any:
    best = values[0] if values else None
    for value in values[1:]:
        if required_order(value, best) == sign:
            best = value
    return best


def _first(values: Sequence[Any]) -> Any:
    return values[0] if values else None


def _last(values: Sequence[Any]) -> Any:
    return values[-1] if values else None


# Rows without a value are left out of every one of them.
METRICS: Mapping[str, _Metric] = {
    "count": len,
    "sum": _sum,
    "avg": _average,
    "min": _smallest,
    "max": _largest,
    "first": _first,
    "last": _last,
}


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> Any:
    rows = rows_of(source, "aggregate")
    metrics = params["metrics"]
    if "by" not in params:
        return _measured(rows, metrics)
    return [{**shared, **_measured(members, metrics)} for shared, members in grouped(rows, params["by"])]


def _measured(rows: Sequence[Row], metrics: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {name: _measure(rows, metric) for name, metric in metrics.items()}


def _measure(rows: Sequence[Row], metric: Mapping[str, str]) -> Any:
    ((operation, field),) = metric.items()
    if field == "*":
        return METRICS[operation](rows)
    values = [value for row in rows if (value := value_at(row, field)) is not None]
    return METRICS[operation](values)


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    metrics = params.get("metrics")
    measured = (
        {name: _metric_type(source, metric, by="by" in params) for name, metric in metrics.items()}
        if isinstance(metrics, dict)
        else {}
    )
    if "by" not in params:
        return object_of(measured, noun="the aggregate")
    fields = {**shared_types(source, params["by"]), **measured}
    return list_of(object_of(fields, noun="groups"), source.most)


def _metric_type(source: Type, metric: Any, *, by: bool) -> Type:
    """A group has a row at least; the rows that are measured all together may be none."""
    if not isinstance(metric, dict) or len(metric) != 1:
        return NUMBER
    ((operation, field),) = metric.items()
    if not isinstance(field, str) or field == "*":
        return replace(NUMBER, untrusted=source.untrusted, selected=source.selected)
    found = at_path(source.element, field)
    if operation in ("min", "max", "first", "last"):
        return replace(found, nullable=found.nullable or not by)
    return replace(NUMBER, nullable=operation == "avg" and not by, untrusted=found.tainted, selected=found.picked)


_METRIC = {
    "type": "object",
    "properties": {
        **{name: {"type": "string", "description": "The field."} for name in METRICS if name != "count"},
        "count": {"type": "string", "description": 'The field whose values are counted, or "*" for the rows.'},
    },
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}

AGGREGATE = TransformSpec(
    name="aggregate",
    summary="Count, add up, average, or take the smallest, largest, first or last value; all together or by group.",
    params={
        "type": "object",
        "properties": {
            "by": field_names("One result for each combination of these fields; without it one result for all rows."),
            "metrics": {
                "type": "object",
                "additionalProperties": _METRIC,
                "minProperties": 1,
                "maxProperties": COLUMNS,
                "description": 'Results by name: {"total": {"sum": "price"}, "orders": {"count": "*"}}.',
            },
        },
        "required": ["metrics"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
    row_fields=("by",),
)
