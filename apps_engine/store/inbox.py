"""Set-based inserts of the ingest: one statement a table, whatever the size of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import connection

from apps_engine.store.models import EventInbox, Execution
from decommerce.tenancy.context import current_tenant_id


class Arrival(Protocol):
    """An event that passed the checks of its envelope."""

    @property
    def id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def dedupe_key(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def data(self) -> Any: ...
    @property
    def chain(self) -> list[int]: ...


def insert_events(arrivals: Sequence[Arrival]) -> list[EventInbox]:
    """The rows that are new; duplicates, also within the batch, are left out."""
    seen: dict[tuple[str, str], EventInbox] = {}
    for arrival in arrivals:
        row = EventInbox(
            event_id=arrival.id,
            source=arrival.source,
            dedupe_key=arrival.dedupe_key,
            type=arrival.type,
            time=arrival.time,
            data=dict(arrival.data),
            chain=arrival.chain,
        )
        seen.setdefault((arrival.source, arrival.dedupe_key), row)
    inserted = _insert_new(list(seen.values()), "(tenant_id, source, dedupe_key)", ("source", "dedupe_key"))
    return [row for row in seen.values() if row.pk in inserted]


def insert_executions(executions: Sequence[Execution]) -> list[int]:
    """The ids of the executions that are new; one of the same trigger key exists once for ever."""
    return sorted(_insert_new(list(executions), "(tenant_id, app_id, trigger_key)", ("app_id", "trigger_key")))


def _insert_new(rows: list[Any], target: str, identity: tuple[str, ...]) -> set[int]:
    """Insert what does not conflict; sets the primary keys of the rows that went in, and returns these keys."""
    if not rows:
        return set()
    model = type(rows[0])
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    tenant_id = current_tenant_id()
    values: list[Any] = []
    for row in rows:
        row.tenant_id = tenant_id
        values += [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    columns = ", ".join(field.column for field in fields)
    statement = (
        f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {', '.join([marks] * len(rows))} "
        f"ON CONFLICT {target} DO NOTHING RETURNING id, {', '.join(identity)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        keys = {tuple(found[1:]): found[0] for found in cursor.fetchall()}
    for row in rows:
        row.pk = keys.get(tuple(getattr(row, name) for name in identity), row.pk)
    return set(keys.values())
