"""What claiming costs, whatever the statistics of the database say (EXECUTION.md 4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections, transaction

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.store.batches import lines
from apps_engine.store.claims import Claimed, claim
from apps_engine.store.queue import SCHEDULER, due_keys
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import flagging
from tests.apps_engine.services.test_ingest import event

WAITING = 400
# How many runs the statistics speak of, and on how many pages.
NEW, EMPTIED, NEARLY_EMPTY = (0, 0), (0, 25), (1, 25)
_READ = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'engine_execution'"
_STATISTICS = "UPDATE pg_class SET reltuples = %s, relpages = %s WHERE relname = 'engine_execution'"


@pytest.fixture
def burst(tenant, principal, owner_connection, request) -> list[int]:
    """So many runs came since the database last looked how many there are, and on how many pages."""
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "parallel"}}})
    owner_connection.execute("ANALYZE engine_execution")
    made = ingest([event(tenant) for _ in range(WAITING)]).executions
    owner_connection.execute(_STATISTICS, getattr(request, "param", NEW))
    return made


def _claim(ids: list[int]) -> list[Claimed]:
    return claim("a test", 1, ids)


@pytest.mark.parametrize(
    ("burst", "look"),
    [
        *((statistics, look) for statistics in (NEW, EMPTIED, NEARLY_EMPTY) for look in (_claim, lines)),
        (NEW, due_keys),
    ],
    indirect=["burst"],
)
def test_a_run_is_found_by_its_key_and_not_among_all_that_wait(look: Any, burst: list[int]) -> None:
    with transaction.atomic(using=SCHEDULER):
        before = _rows_read()
        assert len(look(burst[-1:])) == 1
        assert _rows_read() - before < WAITING / 10


@pytest.mark.requirement("RUN-01")
def test_what_was_hinted_is_looked_up_in_the_order_of_the_hint(burst: list[int]) -> None:
    hinted = burst[40:20:-1] + burst[100:140] + burst[10:12]
    assert [run.id for run in due_keys([*hinted, *hinted])] == hinted


def _rows_read() -> int:
    """Of runs, by this connection."""
    with connections[SCHEDULER].cursor() as cursor:
        cursor.execute(_READ)
        return int(cursor.fetchone()[0])
