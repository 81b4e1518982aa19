"""Effects in sets: claiming `once_per` keys, and writing what became of several calls at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from apps_engine.language.jsontext import dumps
from apps_engine.store.models import Effect
from apps_engine.store.queue import SCHEDULER
from decommerce.pipelining import pipelined, send
from decommerce.tenancy.context import current_tenant_id

_CLAIM = """
INSERT INTO engine_effect
    (tenant_id, idem_key, execution_id, path, action, fingerprint, fence, state, created_at, updated_at)
SELECT %s, key, %s, path, %s, '', %s, 'done', now(), now() FROM jsonb_to_recordset(%s) AS call (key text, path text)
ORDER BY key
ON CONFLICT (tenant_id, idem_key) DO NOTHING RETURNING idem_key
"""

# Each by its key here too: of a tenant of whom the statistics know nothing one row is expected, so asked for several at
# once the database reads all that the tenant ever had.
_SETTLE = """
UPDATE engine_effect SET execution_id = %s, state = %s, response = %s, error = %s, fence = %s, updated_at = now()
WHERE id = %s
"""

_KNOWN = """
SELECT known.* FROM unnest(%s::text[]) AS asked (key) CROSS JOIN LATERAL (
    SELECT * FROM engine_effect WHERE tenant_id = %s AND idem_key = asked.key LIMIT 1 FOR UPDATE) AS known
"""

# Few calls are claimed at a time; each run is found by its number, whatever the statistics say.
_LEFT = """
SELECT DISTINCT run.id, run.tenant_id FROM engine_effect call CROSS JOIN LATERAL (
    SELECT e.id, e.tenant_id FROM engine_execution e
    WHERE e.id = call.execution_id AND e.state NOT IN ('queued', 'running', 'paused') LIMIT 1) AS run
WHERE call.state = 'claimed' ORDER BY run.id LIMIT %s
"""


def claim_keys(keyed: Sequence[tuple[str, str]], action: str, execution_id: int, fence: int) -> set[str]:
    """The keys that nobody had claimed; committed with the effect itself. `keyed` pairs a key with its path."""
    calls = dumps([{"key": key, "path": path} for key, path in keyed])
    claimed = send(_CLAIM, [current_tenant_id(), execution_id, action, fence, calls])
    return {key for (key,) in claimed()}


def known_calls(keys: Iterable[str]) -> dict[str, Effect]:
    """Those of the calls with these keys that there are, by key; locked, in the order of the keys."""
    rows = Effect.objects.raw(_KNOWN, [sorted(set(keys)), current_tenant_id()])
    return {effect.idem_key: effect for effect in rows}


def settle(effects: Iterable[Effect], fence: int) -> None:
    """Write run, state, response and error of these effects as they stand, under a fence; in one round trip."""
    with pipelined():
        for effect in effects:
            send(_SETTLE, [effect.execution_id, *_written(effect), fence, effect.pk])


def _written(effect: Effect) -> tuple[str, str | None, str | None]:
    response, error = (None if value is None else dumps(value) for value in (effect.response, effect.error))
    return str(effect.state), response, error


def left_claimed(limit: int) -> list[tuple[int, int]]:
    """Runs (number, tenant) of any tenant that are over and have calls claimed, the oldest first."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_LEFT, [limit])
        return list(cursor.fetchall())
