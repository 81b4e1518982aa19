"""What happens in the middle of a batch: a pause (docs/execution.md, promise 10), and that others wait too long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.engine import gathered
from apps_engine.services.runs import run_app
from apps_engine.store.batches import claim_line, lines
from apps_engine.store.models import Execution, StepResult
from decommerce import stopping
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_reader import Figures

FETCH = {"id": "figures", "fetch": "interrupted", "limit": 1}
STATUS = "UPDATE engine_app SET status = %s WHERE tenant_id = %s"


class Interrupted(Figures):
    """Something happens while the first run reads."""

    name = "interrupted"
    reads = 0
    happens: Callable[[], Any]

    def rows(self, context: Any) -> Any:
        self.reads += 1
        if self.reads == 1:
            self.happens()
        return super().rows(context)


@pytest.fixture
def interrupted():
    """The connector, known for the length of a test."""
    connector = Interrupted()
    registry.add_connectors([connector])
    vars(registry).pop("catalogue", None)
    yield connector
    del registry.connectors["interrupted"]
    vars(registry).pop("catalogue", None)


@pytest.fixture
def ids(tenant, principal, interrupted) -> list[int]:
    """Three runs that read, and may share a batch."""
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([FETCH], settings={"concurrency": {"mode": "parallel"}})).pk
        return [run_app(principal, app).pk for _ in range(3)]


def run_together(ids: list[int]) -> list[int]:
    """Run them in one batch; those that are left."""
    (line,) = lines(ids)
    batch = claim_line("the test", line, 100)
    assert batch is not None
    return execute_batch(batch)


def states(tenant: Any) -> list[tuple[str, int]]:
    with tenant_scope(tenant.pk):
        return list(Execution.objects.order_by("pk").values_list("state", "attempt"))


@pytest.mark.requirement("APP-03")
@pytest.mark.parametrize(("look_seconds", "reads"), [(0.0, 1), (60.0, 3)])
def test_of_a_batch_in_which_a_step_may_have_begun_after_a_pause_nothing_is_kept(
    tenant, ids, interrupted, owner_connection, monkeypatch, look_seconds, reads
):
    monkeypatch.setattr(gathered, "LOOK_SECONDS", look_seconds)
    interrupted.happens = partial(owner_connection.execute, STATUS, ["paused", tenant.pk])
    assert run_together(ids) == ids
    assert interrupted.reads == reads
    with tenant_scope(tenant.pk):
        assert not StepResult.objects.exists()
    assert states(tenant) == [("queued", 0)] * 3
    owner_connection.execute(STATUS, ["active", tenant.pk])
    assert [run_now(run) for run in ids] == ["succeeded"] * 3


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize("reason", ["it has taken its time", "the worker is told to stop"])
def test_once_others_have_waited_long_enough_no_more_runs_of_a_batch_begin_and_those_that_did_are_kept(
    tenant, ids, interrupted, monkeypatch, reason
):
    late = partial(monkeypatch.setattr, gathered, "LONGEST_SECONDS", 0.0)
    interrupted.happens = stopping.begin if "stop" in reason else late
    try:
        assert run_together(ids) == ids[1:]
    finally:
        stopping.forget()
    assert interrupted.reads == 1
    assert states(tenant) == [("succeeded", 1), ("queued", 0), ("queued", 0)]
