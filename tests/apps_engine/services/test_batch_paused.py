"""A pause in the middle of a batch (docs/execution.md, promise 10)."""

from __future__ import annotations

from typing import Any

import pytest

from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.engine import gathered
from apps_engine.services.runs import run_app
from apps_engine.store.batches import claim_line, lines
from apps_engine.store.models import Execution, StepResult
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_reader import Figures

FETCH = {"id": "figures", "fetch": "pausing", "limit": 1}
PAUSE = "UPDATE engine_app SET status = %s WHERE tenant_id = %s"


class Pausing(Figures):
    """Somebody pauses the app, on a connection of their own, while the first run reads."""

    name = "pausing"

    def __init__(self, other: Any) -> None:
        self.other = other
        self.reads = 0

    def rows(self, context: Any) -> Any:
        self.reads += 1
        if self.reads == 1:
            self.other.execute(PAUSE, ["paused", context.tenant_id])
        return super().rows(context)


@pytest.fixture
def pausing(owner_connection):
    """The connector, known for the length of a test."""
    connector = Pausing(owner_connection)
    registry.add_connectors([connector])
    vars(registry).pop("catalogue", None)
    yield connector
    del registry.connectors["pausing"]
    vars(registry).pop("catalogue", None)


@pytest.mark.requirement("APP-03")
@pytest.mark.parametrize(("look_seconds", "reads"), [(0.0, 1), (60.0, 3)])
def test_of_a_batch_in_which_a_step_may_have_begun_after_a_pause_nothing_is_kept(
    tenant, principal, pausing, owner_connection, monkeypatch, look_seconds, reads
):
    monkeypatch.setattr(gathered, "LOOK_SECONDS", look_seconds)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([FETCH], settings={"concurrency": {"mode": "parallel"}})).pk
        ids = [run_app(principal, app).pk for _ in range(3)]
    (line,) = lines(ids)
    assert execute_batch(claim_line("the test", line, 100)) == ids
    assert pausing.reads == reads
    with tenant_scope(tenant.pk):
        assert not StepResult.objects.exists()
        assert list(Execution.objects.values_list("state", "attempt")) == [("queued", 0)] * 3
    owner_connection.execute(PAUSE, ["active", tenant.pk])
    assert [run_now(run) for run in ids] == ["succeeded"] * 3
