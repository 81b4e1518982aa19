"""What a batch costs in the database, whatever its statistics say (docs/decisions/0006-batches.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.store.batches import Batch, Ended, claim_line, count_lost, end_together, hand_back, lines
from apps_engine.store.models import Execution
from apps_engine.store.runs import read_beginning
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import flagging
from tests.apps_engine.services.test_ingest import event
from tests.apps_engine.store.reading import rows_read

pytestmark = pytest.mark.requirement("RUN-01")
WAITING, TOGETHER = 400, 10


@pytest.fixture
def batch(tenant, other_tenant, principal, owner_connection) -> Batch:
    """Ten of four hundred runs of a tenant of whom the statistics know nothing."""
    source = {**flagging(), "settings": {"concurrency": {"mode": "parallel"}}}
    with tenant_scope(other_tenant.pk):
        create_app(system_principal(other_tenant.pk, "the test"), source)
    ingest([event(other_tenant) for _ in range(TOGETHER)])
    owner_connection.execute("ANALYZE engine_execution")
    with tenant_scope(tenant.pk):
        create_app(principal, source)
    (line,) = lines(ingest([event(tenant) for _ in range(WAITING)]).executions)
    claimed = claim_line("a test", line, TOGETHER)
    assert claimed is not None
    return claimed


def _read(batch: Batch) -> None:
    assert len(read_beginning([run.id for run in batch.runs])) == TOGETHER


def _end(batch: Batch) -> None:
    assert end_together(batch, [Ended(run, {"said": "so"}, {"steps": 1}, 1) for run in batch.runs])


def _count(batch: Batch) -> None:
    assert count_lost(batch) == 0


def _hand_back(batch: Batch) -> None:
    assert hand_back(batch.runs) == 0
    assert Execution.objects.get(pk=batch.runs[0].id).state == "queued"


@pytest.mark.parametrize("work", [_read, _end, _count, _hand_back])
def test_the_runs_of_a_batch_are_found_by_their_keys_also_for_a_tenant_of_whom_the_statistics_know_nothing(
    batch, tenant, work: Callable[[Batch], None]
):
    with tenant_scope(tenant.pk):
        before = rows_read("engine_execution")
        work(batch)
        assert rows_read("engine_execution") - before < WAITING / 4


def test_how_the_runs_of_a_batch_ended_is_written_for_each(batch, tenant):
    first, second, *others = batch.runs
    refused = {"code": "no_longer_wanted", "message": "So."}
    ended = [Ended(first, {"said": "so"}, {"steps": 2}, 3), Ended(second, None, {}, 0, "skipped", refused)]
    with tenant_scope(tenant.pk):
        assert end_together(batch, ended)
        told = ("state", "result", "error", "usage", "items", "attempt", "owner", "lease_until")
        rows = Execution.objects.in_bulk([run.id for run in batch.runs])
        assert [[getattr(rows[run.id], name) for name in told] for run in (first, second)] == [
            ["succeeded", {"said": "so"}, None, {"steps": 2}, 3, 1, "", None],
            ["skipped", None, refused, {}, 0, 1, "", None],
        ]
        assert {rows[run.id].state for run in others} == {"running"}


def test_where_one_run_is_anothers_it_is_said(batch, tenant):
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=batch.runs[-1].id).update(fence=9)
        assert not end_together(batch, [Ended(run, None, {}, 0) for run in batch.runs])
