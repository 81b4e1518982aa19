"""Changing many rows, each to values of its own, in one statement that grows with their number and no faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

from decommerce.community.exact_json import dumps
from decommerce.community.insertion import column_value
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

_STORE = """
UPDATE {table} AS stored SET {assignments}
FROM jsonb_to_recordset(%s) AS given ("{key}" bigint, {typed_columns})
WHERE stored.tenant_id = %s AND stored."{key}" = given."{key}"
"""
# Locked in one order everywhere, so that two batches wait for each other and never lock up.
_ADD = """
WITH given AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS given (row_key, amount)),
held AS (
    SELECT "{key}" AS row_key FROM {table}
    WHERE tenant_id = %s AND "{key}" = ANY(%s::bigint[]) ORDER BY "{key}" FOR NO KEY UPDATE
)
UPDATE {table} AS stored SET "{column}" = stored."{column}" + given.amount
FROM given JOIN held USING (row_key) WHERE stored."{key}" = given.row_key
"""


def store(rows: Sequence[Any], names: Sequence[str]) -> None:
    """Write these fields of rows that are locked already."""
    if not rows or not names:
        return
    database, options = connections[DEFAULT_DB_ALIAS], type(rows[0])._meta
    fields = [options.get_field(name) for name in names]
    given = [
        {options.pk.column: row.pk, **{field.column: column_value(field, row, database) for field in fields}}
        for row in rows
    ]
    store_values(type(rows[0]), names, given)


def store_values(model: type[Model], names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for rows that are nothing but their primary key and these columns' values, as JSON."""
    send(_store_statement(model, tuple(names)), [dumps(rows), current_tenant_id()])


def add(model: type[Model], name: str, amounts: Mapping[int, int]) -> None:
    """Add to a number of each row, by primary key; rows that are not there are left out."""
    if not amounts:
        return
    options: Any = model._meta
    statement = _ADD.format(table=options.db_table, key=options.pk.column, column=options.get_field(name).column)
    keys = list(amounts)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, [keys, list(amounts.values()), current_tenant_id(), keys])


@cache
def _store_statement(model: type[Model], names: tuple[str, ...]) -> str:
    database, options = connections[DEFAULT_DB_ALIAS], model._meta
    fields: list[Any] = [options.get_field(name) for name in names]
    return _STORE.format(
        table=options.db_table,
        key=options.pk.column,
        assignments=", ".join(f'"{field.column}" = given."{field.column}"' for field in fields),
        typed_columns=", ".join(f'"{field.column}" {field.db_type(database)}' for field in fields),
    )
