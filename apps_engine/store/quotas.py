"""Reserving under a quota: one statement, whatever the size of the batch, exact however many do it at once (RUN-07).

The row of a window is locked by whoever changes it until its transaction ends: what is rolled back was not used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps_engine.language.jsontext import dumps
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id

_GRANT = """
CASE WHEN {used} + {wanted} <= {allowed} THEN {wanted}
     WHEN {partly} THEN LEAST({wanted}, GREATEST({allowed} - {used}, 0)) ELSE 0 END
"""
_ON_INSERT = _GRANT.format(used="0", wanted="wanted", allowed="allowed", partly="partly")
# The row may be another's by now: what is left is judged by its newest state, the limits are the statement's own.
_ON_UPDATE = _GRANT.format(
    used="engine_quotause.used",
    wanted="(SELECT wanted FROM bounded WHERE bounded.name = EXCLUDED.name)",
    allowed="(SELECT allowed FROM bounded WHERE bounded.name = EXCLUDED.name)",
    partly="(SELECT partly FROM bounded WHERE bounded.name = EXCLUDED.name)",
)
# Nothing but the constants above is put into it.
_RESERVE = f"""
WITH bounded AS (
    SELECT given.*, COALESCE(o.allowed, given.usual) AS allowed, window_of.starts_at,
        window_of.starts_at + ('1 ' || given.unit)::interval AS ends_at
    FROM jsonb_to_recordset(%s)
        AS given (name text, unit text, ahead integer, wanted bigint, usual bigint, partly boolean)
    CROSS JOIN LATERAL (
        SELECT date_trunc(given.unit, clock_timestamp(), 'UTC') + given.ahead * ('1 ' || given.unit)::interval
    ) AS window_of (starts_at)
    LEFT JOIN engine_quotaoverride o ON o.tenant_id = %s AND o.name = given.name
), reserved AS (
    INSERT INTO engine_quotause (tenant_id, name, starts_at, used, granted)
    SELECT %s, name, starts_at, {_ON_INSERT}, {_ON_INSERT} FROM bounded ORDER BY name
    ON CONFLICT (tenant_id, name, starts_at) DO UPDATE
    SET used = engine_quotause.used + {_ON_UPDATE}, granted = {_ON_UPDATE}
    RETURNING name, used, granted
)
SELECT name, granted, used, allowed, starts_at, ends_at FROM reserved JOIN bounded USING (name) ORDER BY name
"""  # noqa: S608

_ADD = """
INSERT INTO engine_quotause (tenant_id, name, starts_at, used, granted)
VALUES (%s, %s, date_trunc(%s, clock_timestamp(), 'UTC'), %s, 0)
ON CONFLICT (tenant_id, name, starts_at) DO UPDATE SET used = engine_quotause.used + EXCLUDED.used
"""
_GIVE_BACK = """
UPDATE engine_quotause SET used = GREATEST(used - %s, 0) WHERE tenant_id = %s AND name = %s AND starts_at = %s
"""
_READ = """
SELECT given.name, COALESCE(u.used, 0), COALESCE(o.allowed, given.usual), w.starts_at,
    w.starts_at + ('1 ' || given.unit)::interval, o.allowed IS NOT NULL
FROM jsonb_to_recordset(%s) AS given (name text, unit text, usual bigint)
CROSS JOIN LATERAL (SELECT date_trunc(given.unit, clock_timestamp(), 'UTC') AS starts_at) w
LEFT JOIN engine_quotaoverride o ON o.tenant_id = %s AND o.name = given.name
LEFT JOIN engine_quotause u ON u.tenant_id = %s AND u.name = given.name AND u.starts_at = w.starts_at
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`amount` of the quota `name` in the window `ahead` of this one; with `partly`, as much of it as there is.

    `unit` is hour or day; `usual` is what a tenant without an override may use.
    """

    name: str
    unit: str
    amount: int
    usual: int
    partly: bool = False
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Reserved:
    """What was granted, and how the window stands after it."""

    name: str
    granted: int
    used: int
    allowed: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How the present window of a quota stands; `overridden` where an operator set what is allowed."""

    name: str
    used: int
    allowed: int
    starts_at: datetime
    ends_at: datetime
    overridden: bool


def reserve(wanted: Sequence[Wanted]) -> list[Reserved]:
    """Reserve of several quotas, ordered by name. Needs the tenant's scope; what is rolled back was not used."""
    return send_reserve(wanted)()


def send_reserve(wanted: Sequence[Wanted]) -> Callable[[], list[Reserved]]:
    """The same in a pipeline; what is returned reads the answer."""
    document = dumps(
        [
            {
                "name": one.name,
                "unit": one.unit,
                "ahead": one.ahead,
                "wanted": one.amount,
                "usual": one.usual,
                "partly": one.partly,
            }
            for one in wanted
        ]
    )
    tenant_id = current_tenant_id()
    rows = send(_RESERVE, [document, tenant_id, tenant_id])
    return lambda: [Reserved(*row) for row in rows()]


def add(name: str, unit: str, amount: int) -> None:
    """Count what was used already, also past what is allowed. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [current_tenant_id(), name, unit, amount])


def give_back(name: str, starts_at: datetime, amount: int) -> None:
    """What was reserved in that window and not used after all. Needs the tenant's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [amount, current_tenant_id(), name, starts_at])


def standing(quotas: Sequence[tuple[str, str, int]]) -> dict[str, Standing]:
    """By name how quotas (name, unit, what is usual) stand now; locks nothing. Needs the tenant's scope."""
    document = dumps([{"name": name, "unit": unit, "usual": usual} for name, unit, usual in quotas])
    tenant_id = current_tenant_id()
    with connection.cursor() as cursor:
        cursor.execute(_READ, [document, tenant_id, tenant_id])
        return {row[0]: Standing(*row) for row in cursor.fetchall()}
