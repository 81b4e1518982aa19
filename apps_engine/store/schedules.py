"""When schedules fire next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

_SET = """
UPDATE engine_schedule s SET next_fire_at = given.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS given (id, at) WHERE s.id = given.id
"""


def set_next_fires(fires: Mapping[int, datetime | None]) -> None:
    """The next fire of each schedule by its number, None for never; one statement. Needs the tenant's scope."""
    if fires:
        with connection.cursor() as cursor:
            cursor.execute(_SET, [list(fires), list(fires.values())])
