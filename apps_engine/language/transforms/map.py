"""Reshape rows: rename fields, lift them out of objects, compute new ones, leave the others out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.bounds import COLUMNS
from apps_engine.language.static_types import UNKNOWN, Type, at_path, list_of, object_of
from apps_engine.language.transforms.columns import RowMaker, is_path
from apps_engine.language.transforms.record import Row, TransformSpec, Types, rows_of


def _apply(source: Any, params: Mapping[str, Any], make: RowMaker) -> list[Row]:
    kept = params.get("keep", False)
    return [{**(row if kept else {}), **make(row)} for row in rows_of(source, "map")]


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    """`types` has those of the formulas by their names, as validation found them."""
    fields = params.get("fields")
    row = source.element
    formulas = fields.items() if isinstance(fields, dict) else ()
    named = {
        name: at_path(row, formula) if is_path(formula) else types.get(name, UNKNOWN)
        for name, formula in formulas
        if isinstance(formula, str)
    }
    kept = row.fields if params.get("keep") is True else {}
    return list_of(
        object_of({**kept, **named}, noun=row.noun, open=params.get("keep") is True and row.open), source.most
    )


MAP = TransformSpec(
    name="map",
    summary="Reshape the rows: new field names with the fields or formulas that they are made from.",
    params={
        "type": "object",
        "properties": {
            "fields": {
                "type": "object",
                "additionalProperties": {"type": "string", "minLength": 1},
                "minProperties": 1,
                "maxProperties": COLUMNS,
                "description": 'New name to field or formula: {"who": "author.name", "total": "price * quantity"}.',
            },
            "keep": {"type": "boolean", "description": "Keep the other fields too."},
        },
        "required": ["fields"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
    row_expressions="fields",
)
