"""Claiming `once_per` keys: whoever inserts a key first may act, for ever."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from decommerce.tenancy.context import current_tenant_id

_CLAIM = """
INSERT INTO engine_effect
    (tenant_id, idem_key, execution_id, path, action, fingerprint, fence, state, created_at, updated_at)
SELECT %s, key, %s, path, %s, '', %s, 'done', now(), now() FROM unnest(%s::text[], %s::text[]) AS call (key, path)
ORDER BY key
ON CONFLICT (tenant_id, idem_key) DO NOTHING RETURNING idem_key
"""


def claim_keys(keyed: Sequence[tuple[str, str]], action: str, execution_id: int, fence: int) -> set[str]:
    """The keys that nobody had claimed; committed with the effect itself. `keyed` pairs a key with its path."""
    keys, paths = [key for key, _ in keyed], [path for _, path in keyed]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [current_tenant_id(), execution_id, action, fence, keys, paths])
        return {row[0] for row in cursor.fetchall()}
