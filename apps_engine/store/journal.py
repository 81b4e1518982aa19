"""Writing the journal: one statement for all the entries of a commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import dumps
from apps_engine.runtime.ports import Entry
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


def write_entries(journals: Mapping[int, Sequence[Entry]], attempt: int) -> None:
    """Write entries, by the number of their execution, in the current transaction. Needs the tenant's scope."""
    rows = [_row(run, entry) for run, entries in journals.items() for entry in entries]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [current_tenant_id(), attempt, dumps(rows)])


def _row(run: int, entry: Entry) -> dict[str, Any]:
    started_at = None if entry.started_at is None else entry.started_at.isoformat()
    return {"run": run, **entry.as_dict(), "started_at": started_at}
