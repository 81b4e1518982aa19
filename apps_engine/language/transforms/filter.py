"""Keep the rows that match a filter object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.predicates import Predicate, matcher
from apps_engine.language.static_types import Type
from apps_engine.language.transforms.record import Row, TransformSpec, Types, rows_of
from apps_engine.language.work import WORK, compared_since


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> list[Row]:
    rows = rows_of(source, "filter")
    if where is None:
        return rows
    matches, start = matcher(where), WORK.compared
    kept = []
    for row in rows:
        compared_since(start)
        if matches(row):
            kept.append(row)
    return kept


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    return source


FILTER = TransformSpec(
    name="filter",
    summary="Keep the rows that match a filter object.",
    params={
        "type": "object",
        "properties": {"where": {"type": ["object", "array"], "description": "The filter object to match."}},
        "required": ["where"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
)
