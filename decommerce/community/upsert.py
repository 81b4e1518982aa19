"""Bringing rows from elsewhere up to date, by the key that they have there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from decommerce.community.insertion import insert_new

Row = TypeVar("Row", bound=Any)


@dataclass(slots=True)
class Upserted(Generic[Row]):
    """What became of each row: `stored` are the rows as they are now, by key; each is in exactly one of the lists.

    `stale` rows were older than what is stored and left it as it is; `conflicting` ones met another unique constraint
    and are not stored.
    """

    stored: dict[Any, Row] = field(default_factory=dict)
    created: list[Row] = field(default_factory=list)
    updated: list[Row] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    stale: list[Row] = field(default_factory=list)
    conflicting: list[Row] = field(default_factory=list)


def upsert(rows: Sequence[Row], key: str, fields: Sequence[str], *, newer: str | None = None) -> Upserted[Row]:
    """Insert the rows whose `key` is new, and give the others these fields' values where they differ.

    With `newer`, a row whose value of that field is smaller than the stored one is stale. A key that stands twice in
    `rows` counts as its last row. A constant number of statements.
    """
    result: Upserted[Row] = Upserted()
    wanted = {getattr(row, key): row for row in rows}
    if not wanted:
        return result
    model = type(rows[0])
    known = _locked(model, key, list(wanted))
    fresh = [row for value, row in wanted.items() if value not in known]
    inserted = insert_new(fresh)
    # Another transaction may have been faster with some of them.
    known.update(_locked(model, key, [getattr(row, key) for row in fresh if row.pk not in inserted]))
    for value, row in wanted.items():
        if value in known:
            _merge(known[value], row, fields, newer, result)
        else:
            (result.created if row.pk in inserted else result.conflicting).append(row)
    result.stored.update({getattr(row, key): row for row in (*result.created, *known.values())})
    if result.updated:
        model.objects.bulk_update(result.updated, fields)
    return result


def _locked(model: Any, key: str, values: list[Any]) -> dict[Any, Any]:
    if not values:
        return {}
    rows = model.objects.filter(**{f"{key}__in": values}).select_for_update().order_by("pk")
    return {getattr(row, key): row for row in rows}


def _merge(stored: Row, row: Row, fields: Sequence[str], newer: str | None, result: Upserted[Row]) -> None:
    if newer is not None and getattr(row, newer) < getattr(stored, newer):
        result.stale.append(stored)
        return
    different = [name for name in fields if getattr(stored, name) != getattr(row, name)]
    for name in different:
        setattr(stored, name, getattr(row, name))
    (result.updated if different else result.unchanged).append(stored)
