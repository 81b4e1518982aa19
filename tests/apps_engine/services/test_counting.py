"""How runs end is counted by what became of them (OPS-01)."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from apps_engine.runtime.run import Outcome
from apps_engine.services.apps import create_app, delete_app
from apps_engine.services.batch import execute_batch
from apps_engine.services.counting import count_end
from apps_engine.services.finish import skip_ending
from apps_engine.services.runs import cancel_run, run_app
from apps_engine.store.batches import claim_line, lines
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition

pytestmark = pytest.mark.requirement("OPS-01")
COUNT = {"id": "posts", "fetch": "posts", "limit": 1}


def counted(name: str, **labels: str) -> float:
    """What this process counted so far."""
    return REGISTRY.get_sample_value(f"decommerce_{name}_total", labels) or 0.0


@pytest.mark.parametrize(("mode", "runs", "by_person"), [("queue", 3, 1), ("restart", 4, 0)])
def test_runs_that_are_cancelled_replaced_or_left_by_a_deleted_app_are_counted_once(
    tenant, principal, mode, runs, by_person
):
    before = counted("runs", state="cancelled")
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([COUNT], settings={"concurrency": {"mode": mode}}))
        made = [run_app(principal, app.pk).pk for _ in range(runs)]
    with tenant_scope(tenant.pk):
        for _ in range(2):
            for run in made[:by_person]:
                cancel_run(principal, run)
    with tenant_scope(tenant.pk):
        delete_app(principal, app.pk)
        assert Execution.objects.filter(state="cancelled").count() == runs
    assert counted("runs", state="cancelled") - before == runs


def test_runs_of_a_batch_whose_app_is_deleted_meanwhile_are_counted(tenant, principal):
    before = counted("runs", state="cancelled")
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([COUNT], settings={"concurrency": {"mode": "parallel"}}))
        made = [run_app(principal, app.pk).pk for _ in range(3)]
    (line,) = lines(made)
    batch = claim_line("the test", line, 10)
    with tenant_scope(tenant.pk):
        delete_app(principal, app.pk)
    assert counted("runs", state="cancelled") == before, "they are at work"
    execute_batch(batch)
    with tenant_scope(tenant.pk):
        assert Execution.objects.filter(state="cancelled").count() == 3
    assert counted("runs", state="cancelled") == before + 3


def test_a_run_that_waits_for_a_quota_has_not_failed_and_is_not_tried_again():
    failures, retries = counted("run_failures", code="quota_emails"), counted("run_retries")
    count_end(Execution(), {"state": "queued", "error": {"code": "quota_emails"}, "attempt": 0}, 1)
    assert (counted("run_failures", code="quota_emails"), counted("run_retries")) == (failures, retries)


def test_a_sequence_that_is_not_wanted_any_more_is_no_failure():
    failures, skipped = counted("run_failures", code="no_longer_wanted"), counted("runs", state="skipped")
    count_end(Execution(), skip_ending(Outcome("skipped", error={"code": "no_longer_wanted"})), 1)
    assert counted("run_failures", code="no_longer_wanted") == failures
    assert counted("runs", state="skipped") == skipped + 1
