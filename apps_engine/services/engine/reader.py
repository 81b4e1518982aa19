"""Fetches: one query a step, values as JSON values (PIP-02, PIP-03)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Collate

from apps_engine.contracts import ActionContext, Column, TableConnector
from apps_engine.language.catalogue import FieldType
from apps_engine.language.instants import format_instant
from apps_engine.registry import registry
from apps_engine.runtime.ports import Query
from apps_engine.store.predicate_query import condition


class RowReader:
    """Reads through the registered connectors, in the tenant's scope."""

    def __init__(self, context: ActionContext) -> None:
        self._context = context

    def fetch(self, query: Query) -> list[dict[str, Any]]:
        connector = registry.connectors[query.connector]
        assert isinstance(connector, TableConnector)
        columns = {column.spec.name: column for column in connector.columns}
        wanted = [columns[name] for name in query.fields or columns]
        rows = connector.queryset(self._context)
        if query.where is not None:
            rows = rows.filter(condition(query.where, columns))
        # The primary key last makes the order total, so that pages neither overlap nor leave out.
        rows = rows.order_by(*(_ordering(name, columns) for name in query.order_by), "pk")
        limit = min(query.limit, connector.max_rows)
        values = rows.values_list(*(column.source for column in wanted))[query.offset : query.offset + limit]
        return [
            {column.spec.name: json_value(value) for column, value in zip(wanted, row, strict=True)} for row in values
        ]


def _ordering(name: str, columns: Mapping[str, Column]) -> Any:
    column = columns[name.removeprefix("-")]
    field = Collate(F(column.source), "C") if column.spec.type is FieldType.TEXT else F(column.source)
    return field.desc(nulls_last=True) if name.startswith("-") else field.asc(nulls_last=True)


def json_value(value: Any) -> Any:
    """A database value as the language knows it."""
    convert = _CONVERSIONS.get(type(value))
    return value if convert is None else convert(value)


_CONVERSIONS: Mapping[type, Callable[[Any], Any]] = {
    datetime: format_instant,
    date: date.isoformat,
    float: lambda value: Decimal(repr(value)),
    list: lambda value: [json_value(item) for item in value],
    dict: lambda value: {key: json_value(item) for key, item in value.items()},
}
