"""Put the rows of two lists together by a key (PIP-03)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.bounds import LIST_ITEMS
from apps_engine.language.comparison import identity
from apps_engine.language.errors import BoundExceeded
from apps_engine.language.predicates import Predicate
from apps_engine.language.static_types import UNKNOWN, Type, list_of, object_of
from apps_engine.language.transforms.record import Row, TransformSpec, Types, rows_of, value_at


def _apply(source: Any, params: Mapping[str, Any], where: Predicate | None) -> list[Row]:
    """Every pair of rows with the same key, in the order of the source; a null key pairs with nothing."""
    left_key, right_key = _keys(params["on"])
    right: dict[Hashable, list[Row]] = {}
    for row in rows_of(params["with"], "merge"):
        if (value := value_at(row, right_key)) is not None:
            right.setdefault(identity(value), []).append(row)
    merged: list[Row] = []
    for row in rows_of(source, "merge"):
        value = value_at(row, left_key)
        pairs = right.get(identity(value), []) if value is not None else []
        merged += [_joined(row, other, params.get("as")) for other in pairs]
        if not pairs and params.get("type", "inner") == "left":
            merged.append(_joined(row, None, params.get("as")))
        if len(merged) > LIST_ITEMS:
            raise BoundExceeded(
                "list_too_long", f"`merge` made more than {LIST_ITEMS} rows.", "Merge on a key that is rarer."
            )
    return merged


def _keys(on: str | Mapping[str, str]) -> tuple[str, str]:
    return (on, on) if isinstance(on, str) else (on["left"], on["right"])


def _joined(row: Row, other: Row | None, name: str | None) -> Row:
    """The other row under `name`; without one its fields beside the row's own, which win."""
    return {**row, name: other} if name else {**(other or {}), **row}


def _result(source: Type, params: Mapping[str, Any], types: Types) -> Type:
    name, row = params.get("as"), source.element
    other = types["with"].element if "with" in types else UNKNOWN
    lone = params.get("type") == "left"
    if isinstance(name, str):
        fields = {**row.fields, name: replace(other, nullable=lone)}
        return list_of(object_of(fields, noun=row.noun, open=row.open))
    beside = {key: replace(kind, nullable=kind.nullable or lone) for key, kind in other.fields.items()}
    merged = object_of({**beside, **row.fields}, noun=row.noun, open=row.open or other.open)
    return list_of(replace(merged, untrusted=max(row.untrusted, other.untrusted)))


MERGE = TransformSpec(
    name="merge",
    summary="Put together the rows of two lists that have the same key.",
    params={
        "type": "object",
        "properties": {
            "with": {"type": "array", "description": 'The other rows: "{{ orders }}".'},
            "on": {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {
                        "type": "object",
                        "properties": {
                            "left": {"type": "string", "minLength": 1},
                            "right": {"type": "string", "minLength": 1},
                        },
                        "required": ["left", "right"],
                        "additionalProperties": False,
                    },
                ],
                "description": 'The field that both rows share, or {"left": "id", "right": "customer_id"}.',
            },
            "type": {"enum": ["inner", "left"], "description": "`left` keeps rows without a counterpart."},
            "as": {"type": "string", "minLength": 1, "description": "Put the other row under this name."},
        },
        "required": ["with", "on"],
        "additionalProperties": False,
    },
    apply=_apply,
    result=_result,
)
