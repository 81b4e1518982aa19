"""Writing the journal: one statement for all the entries of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import dumps
from apps_engine.runtime.ports import Entry
from decommerce.tenancy.context import current_tenant_id

# A step that failed is written again by the attempt that passes it.
_WRITE = """
INSERT INTO engine_stepresult (tenant_id, execution_id, attempt, path, kind, status, input, output, error, items,
    started_at, duration_ms)
SELECT %s, %s, %s, entry.*
FROM jsonb_to_recordset(%s) AS entry (path text, kind text, status text, input jsonb, output jsonb, error jsonb,
    items integer, started_at timestamptz, duration_ms integer)
ON CONFLICT (execution_id, path) DO UPDATE
SET attempt = EXCLUDED.attempt, kind = EXCLUDED.kind, status = EXCLUDED.status, input = EXCLUDED.input,
    output = EXCLUDED.output, error = EXCLUDED.error, items = EXCLUDED.items, started_at = EXCLUDED.started_at,
    duration_ms = EXCLUDED.duration_ms
"""


def write_entries(entries: Sequence[Entry], execution_id: int, attempt: int) -> None:
    """Write entries of one execution, in the current transaction. Needs the tenant's scope."""
    if not entries:
        return
    document = dumps([_row(entry) for entry in entries])
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [current_tenant_id(), execution_id, attempt, document])


def _row(entry: Entry) -> dict[str, Any]:
    started_at = None if entry.started_at is None else entry.started_at.isoformat()
    return {**entry.as_dict(), "started_at": started_at}
