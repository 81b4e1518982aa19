"""Effects in sets: claiming `once_per` keys, and writing what became of several calls at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import dumps
from apps_engine.store.models import Effect
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

_CLAIM = """
INSERT INTO engine_effect
    (tenant_id, idem_key, execution_id, path, action, fingerprint, fence, state, created_at, updated_at)
SELECT %s, key, %s, path, %s, '', %s, 'done', now(), now() FROM jsonb_to_recordset(%s) AS call (key text, path text)
ORDER BY key
ON CONFLICT (tenant_id, idem_key) DO NOTHING RETURNING idem_key
"""

_SETTLE = """
UPDATE engine_effect SET state = given.state, response = given.response, error = given.error, fence = %s,
    execution_id = given.run, updated_at = now()
FROM jsonb_to_recordset(%s) AS given (id bigint, run bigint, state text, response jsonb, error jsonb)
WHERE engine_effect.id = given.id
"""


def claim_keys(keyed: Sequence[tuple[str, str]], action: str, execution_id: int, fence: int) -> set[str]:
    """The keys that nobody had claimed; committed with the effect itself. `keyed` pairs a key with its path."""
    calls = dumps([{"key": key, "path": path} for key, path in keyed])
    claimed = send(_CLAIM, [current_tenant_id(), execution_id, action, fence, calls])
    return {key for (key,) in claimed()}


def settle(effects: Sequence[Effect], fence: int) -> None:
    """Write run, state, response and error of these effects as they stand, under a fence; one statement."""
    rows: list[dict[str, Any]] = [
        {
            "id": effect.pk,
            "run": effect.execution_id,
            "state": str(effect.state),
            "response": effect.response,
            "error": effect.error,
        }
        for effect in effects
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, [fence, dumps(rows)])
