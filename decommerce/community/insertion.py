"""Inserting many rows of which some may be there already, and knowing which were new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, slots=True)
class Inserted(Generic[Row]):
    """`new` are the rows that were inserted; `earlier` has the primary keys of the others' forerunners by idem_key."""

    new: list[Row]
    new_keys: frozenset[int]
    earlier: Mapping[str | None, int]

    def place(self, row: Row) -> tuple[int | None, str]:
        """(its primary key, "created"), or (that of the row that was there before it, "duplicate")."""
        if row.pk in self.new_keys:
            return row.pk, "created"
        return self.earlier.get(row.idem_key), "duplicate"


def insert_once(rows: Sequence[Row]) -> Inserted[Row]:
    """Insert rows of a model with an `idem_key`, each key once; four statements at most."""
    inserted = insert_new(rows)
    keys = [row.idem_key for row in rows if row.pk not in inserted and row.idem_key is not None]
    earlier: dict[str | None, int] = {}
    if keys:
        earlier.update(type(rows[0]).objects.filter(idem_key__in=keys).values_list("idem_key", "pk"))
    return Inserted([row for row in rows if row.pk in inserted], frozenset(inserted), earlier)


def insert_new(rows: Sequence[Row]) -> set[int]:
    """INSERT ... ON CONFLICT DO NOTHING; returns the primary keys of the rows that were inserted.

    Every row gets its primary key first, so that what was inserted can be told from what met a unique constraint, also
    when another transaction was faster. Three statements, whatever the number of rows.
    """
    if not rows:
        return set()
    model: Any = type(rows[0])
    for row, key in zip(rows, _next_keys(model, len(rows)), strict=True):
        row.pk = key
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return set(model.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))


def _next_keys(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [row[0] for row in cursor.fetchall()]
