"""The journal's rows: one statement writes all the entries of a commit, and what a later attempt needs is read.

Of a loop that is over nobody asks for its items again, so however many there were, only their sum is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import JSONDecoder, dumps
from apps_engine.runtime.ports import Entry
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

# A step that failed is written again by the attempt that passes it.
_WRITE = """
INSERT INTO engine_stepresult (tenant_id, execution_id, attempt, path, kind, status, input, output, error, items,
    started_at, duration_ms)
SELECT %s, entry.run, %s, entry.path, entry.kind, entry.status, entry.input, entry.output, entry.error, entry.items,
    entry.started_at, entry.duration_ms
FROM jsonb_to_recordset(%s) AS entry (run bigint, path text, kind text, status text, input jsonb, output jsonb,
    error jsonb, items integer, started_at timestamptz, duration_ms integer)
ON CONFLICT (execution_id, path) DO UPDATE
SET attempt = EXCLUDED.attempt, kind = EXCLUDED.kind, status = EXCLUDED.status, input = EXCLUDED.input,
    output = EXCLUDED.output, error = EXCLUDED.error, items = EXCLUDED.items, started_at = EXCLUDED.started_at,
    duration_ms = EXCLUDED.duration_ms
"""
# Asked for by itself: joined to the items, it would be looked for once for each of them.
_OVER = """
SELECT path FROM engine_stepresult
WHERE execution_id = %(run)s AND kind = 'each' AND status <> 'failed' AND strpos(path, '[') = 0
"""
_READ = """
SELECT path, kind, status, input, output, error, items FROM engine_stepresult
WHERE execution_id = %(run)s AND (strpos(path, '[') = 0 OR split_part(path, '[', 1) <> ALL(%(over)s)) ORDER BY id
"""
_BEHIND = """
SELECT coalesce(sum(coalesce(length(input::text), 0) + coalesce(length(output::text), 0)), 0),
    coalesce(bool_or(kind = 'act' AND status = 'done' AND items > 0), false)
FROM engine_stepresult
WHERE execution_id = %(run)s AND strpos(path, '[') > 0 AND split_part(path, '[', 1) = ANY(%(over)s)
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """What is known of entries that were not read: about how many characters they have, and whether one acted."""

    characters: int = 0
    acted: bool = False


def read_entries(execution_id: int, *, items: bool) -> tuple[list[Entry], Behind]:
    """The entries of a run in their order, and what there is beside them; with `items` those of loops that are over.

    Needs the tenant's scope.
    """
    values: dict[str, Any] = {"run": execution_id, "over": []}
    with connection.cursor() as cursor:
        if not items:
            cursor.execute(_OVER, values)
            values["over"] = [row[0] for row in cursor.fetchall()]
        cursor.execute(_READ, values)
        entries = [_entry(*row) for row in cursor.fetchall()]
        if not values["over"]:
            return entries, Behind()
        cursor.execute(_BEHIND, values)
        characters, acted = cursor.fetchone()
    return entries, Behind(int(characters), acted)


def write_entries(journals: Mapping[int, Sequence[Entry]], attempt: int) -> None:
    """Write entries, by the number of their execution, in the current transaction. Needs the tenant's scope."""
    rows = [_row(run, entry) for run, entries in journals.items() for entry in entries]
    if rows:
        send(_WRITE, [current_tenant_id(), attempt, dumps(rows)])


def _row(run: int, entry: Entry) -> dict[str, Any]:
    started_at = None if entry.started_at is None else entry.started_at.isoformat()
    return {"run": run, **entry.as_dict(), "started_at": started_at}


def _entry(path: str, kind: str, status: str, given: Any, output: Any, error: Any, items: int) -> Entry:
    return Entry(path, kind, status, _value(given), _value(output), _value(error), items)


def _value(text: str | None) -> Any:
    return None if text is None else JSONDecoder().decode(text)
