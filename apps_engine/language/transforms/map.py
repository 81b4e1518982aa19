"""Reshape rows: rename fields, lift them out of objects, leave the others out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import Type, at_path, list_of, object_of
from apps_engine.language.transforms.record import Row, TransformSpec, Types, rows_of, value_at


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> list[Row]:
    fields = params["fields"]
    kept = params.get("keep", False)
    return [
        {**(row if kept else {}), **{name: value_at(row, path) for name, path in fields.items()}}
        for row in rows_of(source, "map")
    ]


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    fields = params.get("fields")
    row = source.element
    paths = fields.items() if isinstance(fields, dict) else ()
    named = {name: at_path(row, path) for name, path in paths if isinstance(path, str)}
    kept = row.fields if params.get("keep") is True else {}
    return list_of(
        object_of({**kept, **named}, noun=row.noun, open=params.get("keep") is True and row.open), source.most
    )


MAP = TransformSpec(
    name="map",
    summary="Reshape the rows: new field names with the fields they are read from.",
    params={
        "type": "object",
        "properties": {
            "fields": {
                "type": "object",
                "additionalProperties": {"type": "string", "minLength": 1},
                "minProperties": 1,
                "description": 'New name to field: {"author": "user.display_name"}.',
            },
            "keep": {"type": "boolean", "description": "Keep the other fields too."},
        },
        "required": ["fields"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
)
