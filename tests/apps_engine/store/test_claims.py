"""What claiming costs, whatever the statistics of the database say (EXECUTION.md 4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections, transaction

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.store.batches import lines
from apps_engine.store.claims import claim
from apps_engine.store.queue import SCHEDULER, due_keys
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import flagging
from tests.apps_engine.services.test_ingest import event

WAITING = 400
_READ = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'engine_execution'"
_STATISTICS = "UPDATE pg_class SET reltuples = %s, relpages = %s WHERE relname = 'engine_execution'"


@pytest.fixture(params=[(0, 0), (0, 25), (1, 25)], ids=["new", "emptied", "nearly empty"])
def burst(tenant, principal, owner_connection, request) -> list[int]:
    """So many runs came since the database last looked how many there are, and on how many pages."""
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"concurrency": {"mode": "parallel"}}})
    owner_connection.execute("ANALYZE engine_execution")
    made = ingest([event(tenant) for _ in range(WAITING)]).executions
    owner_connection.execute(_STATISTICS, request.param)
    return made


@pytest.mark.parametrize(
    "look", [lambda ids: claim("a test", 1, ids), lines, due_keys], ids=["claim", "lines", "due_keys"]
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
