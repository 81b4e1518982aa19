"""Inserting many rows of which some may be there already, and knowing which were new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
    TextField,
)

from decommerce.community.exact_json import dumps
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.models import TenantForeignKey

# Fields that store a value of this very type as it is: most of a row, and most of what asking each field would cost.
_PLAIN: Mapping[type[Field], type] = {
    BigIntegerField: int,
    BooleanField: bool,
    CharField: str,
    ForeignKey: int,
    IntegerField: int,
    PositiveIntegerField: int,
    PositiveSmallIntegerField: int,
    SmallIntegerField: int,
    TenantForeignKey: int,
    TextField: str,
}
# A value that is JSON already, and an instant that knows its zone.
_AS_IT_IS, _INSTANT = object(), object()
Row = TypeVar("Row", bound=Any)
# Of so many rows it is looked what they have in common: a batch of runs differs in little but what started each.
MANY = 10
# Values that are the same in JSON where they are equal in Python.
_ALIKE = frozenset({str, int, bool, type(None)})
# The rows go in one JSON document: quoted once, parsed by the database, the same statement for any number of them.
_INSERT = """
WITH given AS (
    SELECT nextval((SELECT pg_get_serial_sequence('{table}', '{key}'))) AS new_key, record.*{shared}
    FROM jsonb_to_recordset(%s) AS record (place integer{typed_columns}){shared_record}
), inserted AS (
    INSERT INTO {table} ({key}, {columns}) SELECT new_key, {columns} FROM given ORDER BY place
    ON CONFLICT DO NOTHING RETURNING {key} AS inserted_key
)
SELECT place, new_key, inserted_key IS NOT NULL FROM given LEFT JOIN inserted ON inserted_key = new_key
"""


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
    """Insert rows of a model with an `idem_key`, each key once; two statements at most."""
    inserted = insert_new(rows)
    keys = [row.idem_key for row in rows if row.pk not in inserted and row.idem_key is not None]
    earlier: dict[str | None, int] = {}
    if keys:
        earlier.update(type(rows[0]).objects.filter(idem_key__in=keys).values_list("idem_key", "pk"))
    return Inserted([row for row in rows if row.pk in inserted], frozenset(inserted), earlier)


def insert_new(rows: Sequence[Row]) -> set[int]:
    """INSERT ... ON CONFLICT DO NOTHING; returns the primary keys of the rows that were inserted.

    Every row gets a primary key, so that what was inserted can be told from what met a unique constraint, also when
    another transaction was faster. One statement, whatever the number of rows.
    """
    return send_new(rows)()


def send_new(rows: Sequence[Row]) -> Callable[[], set[int]]:
    """The same in a pipeline; what is returned reads the answer."""
    if not rows:
        return set
    # Looked up once: each value asks it for its form.
    database = connections[DEFAULT_DB_ALIAS]
    answer = send_values(type(rows[0]), [_values(row, database) for row in rows])

    def inserted() -> set[int]:
        keys = answer()
        for row, (key, is_new) in zip(rows, keys, strict=True):
            row.pk = key
            row._state.adding = not is_new
        return {key for key, is_new in keys if is_new}

    return inserted


def insert_values(model: type[Model], rows: Sequence[dict[str, Any]]) -> list[tuple[int, bool]]:
    """The same for rows that are nothing but their columns' values as JSON, without an object each.

    All rows have the same columns; the others get their default in the database. Returns each row's primary key and
    whether it was inserted.
    """
    return send_values(model, rows)()


def send_values(model: type[Model], rows: Sequence[dict[str, Any]]) -> Callable[[], list[tuple[int, bool]]]:
    """The same in a pipeline; what is returned reads the answer."""
    shared = {"tenant_id": current_tenant_id()} if "tenant_id" not in rows[0] else {}
    own = frozenset(rows[0])
    if len(rows) >= MANY:
        shared |= _in_common(rows)
        own = own.difference(shared)
    given = [{**{name: row[name] for name in own}, "place": place} for place, row in enumerate(rows)]
    values = [dumps(given)] + ([dumps(shared)] if shared else [])
    answer = send(_statement(model, own, frozenset(shared)), values)
    return lambda: [(key, is_new) for _, key, is_new in sorted(answer())]


def _in_common(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The columns in which all rows have one plain value."""
    return {
        name: value
        for name, value in rows[0].items()
        if type(value) in _ALIKE and all(row[name] == value and type(row[name]) is type(value) for row in rows)
    }


def _fields(model: type[Model]) -> list[Field]:
    return [field for field in model._meta.local_concrete_fields if not field.primary_key]


@cache
def _statement(model: type[Model], own: frozenset[str], shared: frozenset[str]) -> str:
    """For rows with columns of their own, and a record of those that all of them share."""
    database, options = connections[DEFAULT_DB_ALIAS], model._meta
    fields = {field.column: f'"{field.column}" {field.db_type(database)}' for field in _fields(model)}
    in_common = ", ".join(typed for column, typed in fields.items() if column in shared)
    return _INSERT.format(
        table=options.db_table,
        key=options.pk.column,
        columns=", ".join(f'"{column}"' for column in fields if column in own or column in shared),
        typed_columns="".join(f", {typed}" for column, typed in fields.items() if column in own),
        shared=", common.*" if shared else "",
        shared_record=f" CROSS JOIN jsonb_to_record(%s) AS common ({in_common})" if shared else "",
    )


def _values(row: Any, database: BaseDatabaseWrapper) -> dict[str, Any]:
    row.tenant_id = row.tenant_id or current_tenant_id()
    stored = row.__dict__
    values = {}
    for field, name, kind in _kinds(type(row)):
        value = stored.get(name)
        if kind is _AS_IT_IS or type(value) is kind or (value is None and kind is not None):
            values[field.column] = value
        elif type(value) is datetime and value.tzinfo is not None and kind is _INSTANT:
            values[field.column] = value.isoformat()
        else:
            values[field.column] = column_value(field, row, database)
    return values


@cache
def _kinds(model: type[Model]) -> list[tuple[Field, str, object]]:
    """Each field, the attribute that holds its value, and the kind of value that needs no asking."""
    return [(field, field.attname, _kind(field)) for field in _fields(model)]


def _kind(field: Field) -> object:
    if isinstance(field, JSONField):
        return _AS_IT_IS
    if isinstance(field, DateTimeField):
        # What the field sets by itself has to be asked for.
        return None if field.auto_now or field.auto_now_add else _INSTANT
    return _PLAIN.get(type(field))


def column_value(field: Field, row: Any, database: BaseDatabaseWrapper) -> Any:
    """The row's value as JSON that PostgreSQL reads as the column's type."""
    value = field.pre_save(row, row._state.adding)
    if isinstance(field, JSONField):
        return value
    if isinstance(field, DateTimeField) and type(value) is datetime and value.tzinfo is not None:
        return value.isoformat()
    prepared = field.get_db_prep_save(value, database)
    return prepared.isoformat() if isinstance(prepared, date) else prepared
