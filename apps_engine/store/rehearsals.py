"""How many rehearsals a community has at once: each holds a connection, and locks of what it would have changed."""

from __future__ import annotations

from django.db import connection

from decommerce.tenancy.context import current_tenant_id

MOST_AT_ONCE = 4

_TAKE = "SELECT pg_try_advisory_xact_lock(hashtext('rehearsals of ' || %s), %s)"


def take_place() -> bool:
    """Take a place until the transaction or the savepoint around it is rolled back; False where all are taken."""
    with connection.cursor() as cursor:
        for place in range(MOST_AT_ONCE):
            cursor.execute(_TAKE, [str(current_tenant_id()), place])
            if cursor.fetchone()[0]:
                return True
    return False
