"""Collect rows that have the same values of some fields."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps_engine.language.comparison import identity
from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import NUMBER, Type, at_path, list_of, object_of
from apps_engine.language.transforms.record import Row, TransformSpec, Types, field_names, rows_of, value_at


def grouped(rows: Iterable[Row], by: Sequence[str]) -> list[tuple[dict[str, Any], list[Row]]]:
    """The groups in the order of their first rows, each with the values that its rows share; one pass."""
    groups: dict[Hashable, tuple[dict[str, Any], list[Row]]] = {}
    for row in rows:
        shared = {field: value_at(row, field) for field in by}
        key = tuple(identity(value) for value in shared.values())
        groups.setdefault(key, (shared, []))[1].append(row)
    return list(groups.values())


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> list[Row]:
    groups = grouped(rows_of(source, "group"), params["by"])
    return [{**shared, "items": rows, "count": len(rows)} for shared, rows in groups]


def shared_types(source: Type, by: Any) -> dict[str, Type]:
    """The types of the fields that a group's rows share."""
    names = [name for name in by if isinstance(name, str)] if isinstance(by, list) else []
    return {name: at_path(source.element, name) for name in names}


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    count = replace(NUMBER, untrusted=source.untrusted, selected=source.selected)
    fields = {**shared_types(source, params.get("by")), "items": source, "count": count}
    return list_of(object_of(fields, noun="groups"), source.most)


GROUP = TransformSpec(
    name="group",
    summary="Collect rows with the same values of some fields: each group has these fields, `items` and `count`.",
    params={
        "type": "object",
        "properties": {"by": field_names("The fields whose values a group's rows share.")},
        "required": ["by"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
    row_fields=("by",),
)
