"""Figures beside a row, worked out in SQL from what belongs to it: counts, sums, newest times, days that went by.

Each function gives the `computed` of a Column. What belongs to a row is found by an index, so that one query answers
for any number of rows. Times count back from the run's own `now`, never from the database's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DecimalField,
    Exists,
    F,
    Field,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from apps_engine.contracts import ActionContext, Column
from apps_engine.language.catalogue import FieldSpec, FieldType

Computed = Callable[[ActionContext], Any]
# Rows of the tenant in scope, asked for once it is.
Rows = Callable[[], QuerySet]

WEEK, MONTH = 7, 30
EVER, NEVER = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
SECONDS = {"days": 86_400, "hours": 3_600}


def figure(
    name: str,
    summary: str,
    computed: Computed,
    kind: FieldType = FieldType.INTEGER,
    *,
    nullable: bool = False,
) -> Column:
    """A computed field, a whole number unless said otherwise."""
    return Column(FieldSpec(name, kind, summary, nullable=nullable), name, computed=computed)


def count(rows: Rows, of: str, days: int | None = None, *, before: int = 0, at: str = "created_at") -> Computed:
    """How many of the rows name this one in their field `of`; with `days`, of so many days, which ended `before`."""
    return lambda context: _one(
        _within(rows(), context, at, days, before).filter(**{of: OuterRef("pk")}), "COUNT(*)", IntegerField()
    )


def total(
    rows: Rows, of: str, field: str | Combinable, days: int | None = None, *, before: int = 0, money: bool = False
) -> Computed:
    """The sum of a field of the rows that name this one; 0 where there are none."""
    nothing, output = ("0.00", _money()) if money else ("0", IntegerField())
    template = f"COALESCE(SUM(%(expressions)s), {nothing})"
    return lambda context: _one(
        _within(rows(), context, "created_at", days, before).filter(**{of: OuterRef("pk")}),
        template,
        output,
        F(field) if isinstance(field, str) else field,
    )


def newest(rows: Rows, of: str, at: str = "created_at") -> Computed:
    """The newest time among the rows that name this one; null where there are none."""
    return lambda context: _one(rows().filter(**{of: OuterRef("pk")}), "MAX(%(expressions)s)", DateTimeField(), F(at))


def oldest(rows: Rows, of: str, at: str = "created_at") -> Computed:
    """The oldest time among the rows that name this one; null where there are none."""
    return lambda context: _one(rows().filter(**{of: OuterRef("pk")}), "MIN(%(expressions)s)", DateTimeField(), F(at))


def exists(rows: Rows, **match: Any) -> Computed:
    """Whether there is a row with these values; OuterRef names a field of this one."""
    return lambda context: Exists(rows().filter(**match))


def about(template: str, context: ActionContext, *arguments: Value, output: Field | None = None, **texts: str) -> Func:
    """A value by hand-written SQL, which finds the tenant, the row's number and the arguments at `expressions`.

    A whole number, unless `output` says otherwise. `texts` are put where the template names them.
    """
    tenant = Value(context.tenant_id, IntegerField())
    return Func(tenant, F("pk"), *arguments, template=template, output_field=output or IntegerField(), **texts)


def looked_up(template: str, context: ActionContext, key: str, *arguments: Value, cast: Field, **texts: str) -> Func:
    """A value that is worked out once a query for all rows together, and looked up for each; null where there is none.

    For what no index finds row by row. The SQL gives a JSON object by the rows' `key`, and finds the tenant and the
    arguments at `expressions`.
    """
    every = Func(
        Value(context.tenant_id, IntegerField()), *arguments, template=template, output_field=JSONField(), **texts
    )
    return Cast(
        Func(every, F(key), template="(%(expressions)s::text)", arg_joiner=" ->> ", output_field=TextField()), cast
    )


def ago(context: ActionContext, days: int) -> Value:
    """So many days before the run's now. No days ago is far off: members go on while a run does."""
    return Value(context.now - timedelta(days=days) if days else NEVER, DateTimeField())


def long_ago(context: ActionContext, days: int | None) -> Value:
    """So many days before the run's now; before everything where no number is given."""
    return Value(EVER if days is None else context.now - timedelta(days=days), DateTimeField())


def together(*parts: Computed) -> Computed:
    """The sum of several figures."""

    def add(context: ActionContext) -> Any:
        first, *others = (part(context) for part in parts)
        for other in others:
            first = first + other
        return first

    return add


def since(at: str | Computed, unit: str = "days") -> Computed:
    """Whole days (or hours) from a time until now; null where there is no time."""
    return lambda context: _whole("TRUNC", unit, Value(context.now, DateTimeField()), _time(at, context))


def until(at: str, unit: str = "days") -> Computed:
    """Whole days (or hours) from now until a time, negative once it is over; null where there is no time."""
    return lambda context: _whole("FLOOR", unit, _time(at, context), Value(context.now, DateTimeField()))


def _within(rows: QuerySet, context: ActionContext, at: str, days: int | None, before: int) -> QuerySet:
    if days is not None:
        rows = rows.filter(**{f"{at}__gte": context.now - timedelta(days=before + days)})
    if before:
        rows = rows.filter(**{f"{at}__lt": context.now - timedelta(days=before)})
    return rows


def _one(rows: QuerySet, template: str, output: Any, *arguments: Any) -> Subquery:
    # Not Django's Count and Sum: those group, and a group that is empty gives no row at all.
    worked_out = Func(*arguments, template=template, output_field=output)
    return Subquery(rows.order_by().annotate(worked_out=worked_out).values("worked_out"), output_field=output)


def _time(at: str | Computed, context: ActionContext) -> Any:
    return F(at) if isinstance(at, str) else at(context)


def _whole(rounding: str, unit: str, later: Any, earlier: Any) -> Func:
    template = f"{rounding}(EXTRACT(EPOCH FROM (%(expressions)s)) / {SECONDS[unit]})::integer"
    return Func(later, earlier, template=template, arg_joiner=" - ", output_field=IntegerField())


def _money() -> DecimalField:
    # Amounts keep the digits they came with; these bounds only tell Django that they are decimals.
    return DecimalField(max_digits=30, decimal_places=10)
