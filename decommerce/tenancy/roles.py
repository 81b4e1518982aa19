"""The two database roles that the platform runs as (SEC-01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import sql

from decommerce.tenancy.isolation import RUNTIME, SCHEDULER

# No page and no step of a run waits longer for one statement; what an app asks for holds the database no longer.
MOST_SECONDS = 60


def create_roles(connection: Any, passwords: Mapping[str, str]) -> None:
    """Create the runtime's and the scheduler's role, or set their passwords. Neither owns or bypasses anything.

    A statement of the runtime ends after `MOST_SECONDS`. The scheduler's are planned each time: a queue is empty at one
    moment and full at the next, and the plan for the one is slow for the other. What it looks for has a key or is first
    in a line: a bitmap would gather all that wait, which seems cheap where the statistics speak of an empty queue.

    Several set-ups may run at once against one server, so the roles are made under an advisory lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('decommerce.roles'))")
        try:
            for role in (RUNTIME, SCHEDULER):
                _create_role(cursor, role, passwords[role])
            cursor.execute(f"ALTER ROLE {RUNTIME} SET statement_timeout = '{MOST_SECONDS}s'")
            cursor.execute(f"ALTER ROLE {SCHEDULER} SET plan_cache_mode = 'force_custom_plan'")
            cursor.execute(f"ALTER ROLE {SCHEDULER} SET enable_bitmapscan = off")
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('decommerce.roles'))")


def _create_role(cursor: Any, role: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    # ALTER ROLE cannot take parameters; the password is quoted as a literal.
    statement = sql.SQL(
        "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {password}"
    ).format(verb=sql.SQL(verb), role=sql.Identifier(role), password=sql.Literal(password))
    cursor.execute(statement.as_string(None))
