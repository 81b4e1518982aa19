"""Fetches: one query a step, values as JSON values (PIP-02, PIP-03)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, cast

from django.db.models import F, QuerySet
from django.db.models.functions import Collate

from apps_engine.contracts import ActionContext, Column, Connector, SummaryConnector, TableConnector
from apps_engine.language.catalogue import FieldType
from apps_engine.language.instants import format_instant
from apps_engine.language.predicates import All, Predicate, comparisons, matcher
from apps_engine.registry import registry
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.declared import declared, refuse_undeclared
from apps_engine.store.predicate_query import condition, exact

# Of patterns, which the database cannot answer: how many rows are looked at one by one, and how many are kept at once.
MOST_SIFTED = 100_000
SIFTED_AT_ONCE = 2_000

Row = dict[str, Any]
Columns = Mapping[str, Column]


class RowReader:
    """Reads through the registered connectors, in the tenant's scope."""

    def __init__(self, context: ActionContext) -> None:
        self._context = context

    def fetch(self, query: Query) -> list[Row]:
        """The rows that were asked for; raises StepError for what the connector does not declare."""
        spec = declared(query.connector)
        compared = tuple(comparisons(query.where or All(())))
        refuse_undeclared(query, compared, spec)
        connector = registry.connectors[query.connector]
        columns = {column.spec.name: column for column in connector.columns}
        wanted = [columns[name] for name in query.fields or columns]
        if isinstance(connector, TableConnector):
            terms = (term.removeprefix("-") for term in query.order_by)
            used = [*wanted, *(columns[name] for name in (*terms, *(compare.field for compare in compared)))]
            return self._from_table(connector, query, columns, wanted, used)
        assert isinstance(connector, SummaryConnector)
        return self._from_summary(connector, query, columns, wanted)

    def _from_table(
        self, connector: TableConnector, query: Query, columns: Columns, wanted: list[Column], used: list[Column]
    ) -> list[Row]:
        computed = {column.source: column.computed(self._context) for column in used if column.computed is not None}
        rows = connector.queryset(self._context).annotate(**computed)
        where = query.where or All(())
        rows = rows.filter(condition(where, columns))
        # The primary key last makes the order total, so that pages neither overlap nor leave out.
        rows = rows.order_by(*(_ordering(term, columns) for term in query.order_by), "pk")
        page = _page(connector, query)
        if not exact(where, columns):
            rows, page = rows.filter(pk__in=_sifted(rows, where, columns, page)), slice(None)
        values = rows.values_list(*(column.source for column in wanted))[page]
        return [_row(wanted, row) for row in values]

    def _from_summary(
        self, connector: SummaryConnector, query: Query, columns: Columns, wanted: list[Column]
    ) -> list[Row]:
        """The rules of SQL over rows in memory: the same values, null last in any order, ties as they came."""
        every = tuple(columns.values())
        matches = matcher(query.where or All(()))
        rows = [row for row in connector.rows(self._context) if matches(_row(every, (row[c.source] for c in every)))]
        for term in reversed(query.order_by):
            source = columns[term.removeprefix("-")].source
            present = [row for row in rows if row[source] is not None]
            present.sort(key=lambda row: row[source], reverse=term.startswith("-"))
            rows = [*present, *(row for row in rows if row[source] is None)]
        return [_row(wanted, (row[column.source] for column in wanted)) for row in rows[_page(connector, query)]]


def _sifted(rows: QuerySet, where: Predicate, columns: Columns, page: slice) -> list[int]:
    """The numbers of the page's rows, of those that the closure lets through; read in one query, piece by piece.

    Only what is compared is read: nothing is worked out beside a row that is left out.
    """
    matches = matcher(where)
    compared = [columns[name] for name in {compare.field for compare in comparisons(where)}]
    sources = (column.source for column in compared)
    values = rows.values_list("pk", *sources)[: MOST_SIFTED + 1].iterator(chunk_size=SIFTED_AT_ONCE)
    with closing(cast("Generator[tuple[Any, ...]]", values)):
        found = (key for key, *row in _counted(values) if matches(_row(compared, row)))
        return list(islice(found, page.start, page.stop))


def _counted(rows: Iterable[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number == MOST_SIFTED:
            message = f"More than {MOST_SIFTED:,} rows would have to be looked at one by one."
            raise StepError(message, code="too_many_rows", hint="Narrow them by another field too, such as a date.")
        yield row


def _row(columns: Iterable[Column], values: Iterable[Any]) -> Row:
    return {column.spec.name: json_value(value) for column, value in zip(columns, values, strict=True)}


def _page(connector: Connector, query: Query) -> slice:
    return slice(query.offset, query.offset + min(query.limit, connector.max_rows))


def _ordering(term: str, columns: Columns) -> Any:
    column = columns[term.removeprefix("-")]
    field = Collate(F(column.source), "C") if column.spec.type is FieldType.TEXT else F(column.source)
    return field.desc(nulls_last=True) if term.startswith("-") else field.asc(nulls_last=True)


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
