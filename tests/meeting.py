"""Two transactions of which the second has to wait for the first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connections

from decommerce.tenancy.context import tenant_scope
from tests.waiting import until

# Sessions of this database that wait for a lock.
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def meeting(
    tenant: Any,
    owner_connection: psycopg.Connection,
    first: Callable[[], object],
    second: Callable[[], object],
    then: Callable[[], object] = lambda: None,
) -> None:
    """`second` begins when `first` was done, and waits for the commit; before that, `then` is done too."""

    def late() -> None:
        try:
            with tenant_scope(tenant.pk):
                second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as others:
        with tenant_scope(tenant.pk):
            first()
            waiting = others.submit(late)
            until(lambda: owner_connection.execute(WAITING).fetchone()[0], "the second waits for the first")
            then()
        waiting.result(timeout=30)
