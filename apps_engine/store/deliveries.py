"""Counting what came of calls from outside, a row an hour and outcome."""

from __future__ import annotations

from django.db import connection

from decommerce.tenancy.context import current_tenant_id

_COUNT = """
INSERT INTO engine_deliverycount (tenant_id, address_id, outcome, reason, event_id, count, hour, last_at)
VALUES (%s, %s, %s, %s, %s, 1, date_trunc('hour', now()), now())
ON CONFLICT (address_id, outcome, reason, hour) DO UPDATE
SET count = engine_deliverycount.count + 1, event_id = EXCLUDED.event_id, last_at = now()
"""


def count_delivery(address_id: int, outcome: str, *, reason: str = "", event_id: str = "") -> None:
    """One more of this outcome. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [current_tenant_id(), address_id, outcome, reason, event_id])
