"""Telling many at once: what is done together stays short, whomever it reaches (docs/decisions/0006-batches.md)."""

from __future__ import annotations

import pytest

from apps_engine.services import batch
from apps_engine.services.apps import create_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.engine import effects
from apps_engine.services.runs import run_app
from apps_engine.store.batches import claim_line, lines
from apps_engine.store.models import StepResult
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

TELL = {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "{{ run.id | to_text }}"}}
ROOM = 3


@pytest.fixture
def told(tenant):
    """How many notifications there are."""

    def read() -> int:
        with tenant_scope(tenant.pk):
            return Notification.objects.count()

    return read


@pytest.mark.requirement("RUN-01")
def test_runs_that_reach_more_than_a_batch_may_go_one_by_one(tenant, principal, members, told, monkeypatch):
    monkeypatch.setattr(batch, "ROWS_TOGETHER", ROOM)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([TELL], settings={"concurrency": {"mode": "parallel"}})).pk
        runs = [run_app(principal, app).pk for _ in range(ROOM)]
    (line,) = lines(runs)
    claimed = claim_line("the test", line, ROOM)
    assert sorted(execute_batch(claimed)) == runs
    assert told() == 0
    assert [run_now(run) for run in runs] == ["succeeded"] * ROOM
    assert told() == ROOM * len(members)


@pytest.mark.requirement("ACT-03")
def test_a_loop_that_reaches_more_than_a_chunk_may_goes_item_by_item(tenant, principal, members, told, monkeypatch):
    monkeypatch.setattr(effects, "ROWS_TOGETHER", ROOM)
    tell = {**TELL, "params": {"to": "everyone", "title": "{{ number | to_text }}"}}
    loop = {"id": "all", "each": [1, 2, 3], "as": "number", "steps": [tell]}
    with tenant_scope(tenant.pk):
        run = run_app(principal, create_app(principal, definition([loop])).pk).pk
    assert run_now(run) == "succeeded"
    assert told() == 3 * len(members)
    with tenant_scope(tenant.pk):
        paths = StepResult.objects.filter(execution_id=run, kind="act").order_by("path").values_list("path", flat=True)
        assert list(paths) == [f"main/all[{place}]/tell" for place in range(3)]
