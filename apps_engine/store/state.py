"""An app's state: read whole, changed key by key, so that runs at the same time lose nothing of each other's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from apps_engine.language.jsontext import JSONDecoder, dumps
from apps_engine.language.limits import SUPERPOWER, limit
from apps_engine.store.models import AppState
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.errors import PlatformError

MOST_BYTES = limit(SUPERPOWER, "state_bytes") or 0

_MERGE = """
INSERT INTO engine_appstate (tenant_id, app_id, session_key, data, updated_at) VALUES (%s, %s, %s, %s, now())
ON CONFLICT (app_id, session_key) DO UPDATE SET data = engine_appstate.data || EXCLUDED.data, updated_at = now()
RETURNING data::text
"""


class StateTooLarge(PlatformError):
    """With this change the app would remember more than it may; nothing of it was kept."""

    code = "state_too_large"
    status = 409


def read_state(app_id: int, session_key: str) -> dict[str, Any]:
    """What the app remembers; {} where it remembers nothing yet. Needs the tenant's scope."""
    found = AppState.objects.filter(app_id=app_id, session_key=session_key).values_list("data", flat=True).first()
    return found or {}


def merge_state(app_id: int, session_key: str, changes: Mapping[str, Any]) -> None:
    """Set these keys and leave the others as they are; raises StateTooLarge. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, [current_tenant_id(), app_id, session_key, dumps(dict(changes))])
        size = len(dumps(JSONDecoder().decode(cursor.fetchone()[0])).encode())
    if size > MOST_BYTES:
        raise StateTooLarge(
            f"The app would remember {size:,} bytes; it may remember {MOST_BYTES:,}.",
            hint="Set keys that it no longer needs to null, or keep less under each.",
        )
