"""One community's ten thousand waiting runs hold up another's one run by less than a second (RUN-01)."""

from __future__ import annotations

import logging

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.hints import IDS_PER_HINT, RUN_TASK, send_hint
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution
from decommerce.community.services.members import NewMember, join
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.scenarios.definitions import stamping
from tests.waiting import until

logger = logging.getLogger(__name__)
MOST_SECONDS = 1.0
BACKLOG = 10_000
# With a fence, as if they had been in a batch that failed: made one by one they hold others up the longest.
_MANY = """
INSERT INTO engine_execution (tenant_id, app_id, version_id, flow, trigger_type, trigger_id, trigger_key, trigger,
    inputs, chain, requested_by, session_key, generation, state, run_at, priority, attempt, max_attempts, owner, fence,
    concurrency_key, exclusive, usage, items, created_at)
SELECT tenant_id, app_id, version_id, flow, 'event', trigger_id, 'copy:' || number, trigger,
    inputs, chain, requested_by, session_key, generation, state, now(), 5, attempt, max_attempts, owner, 1,
    concurrency_key, exclusive, usage, items, now()
FROM engine_execution, generate_series(1, %s) AS number WHERE id = %s RETURNING id
"""


@pytest.mark.requirement("RUN-01")
def test_a_backlog_of_ten_thousand_of_one_community_holds_up_the_one_run_of_another_by_less_than_a_second(
    processes, owner_connection, tenant, other_tenant, principal, members, start_runs
):
    (member,) = members(1)
    (first,) = start_runs(stamping(member))
    backlog = [row[0] for row in owner_connection.execute(_MANY, [BACKLOG, first]).fetchall()]
    for start in range(0, BACKLOG, IDS_PER_HINT):
        assert send_hint(RUN_TASK, backlog[start : start + IDS_PER_HINT])
    worker = processes.worker()
    until(lambda: worker.says("succeeded"), "the backlog is under way")
    other = system_principal(other_tenant.pk, "the other")
    waits = []
    with tenant_scope(other_tenant.pk):
        theirs = join(NewMember("Bea", f"bea@{other_tenant.slug}.example")).pk
        app = create_app(other, stamping(theirs))
    for _ in range(3):
        with tenant_scope(other_tenant.pk):
            run = run_app(other, app.pk).pk
        until(lambda run=run: _ended(other_tenant, run), "the one run is made", 20)
        with tenant_scope(other_tenant.pk):
            made = Execution.objects.get(pk=run)
        waits.append((made.finished_at - made.created_at).total_seconds())
    left = owner_connection.execute("SELECT count(*) FROM engine_execution WHERE state = 'queued'").fetchone()[0]
    logger.info("waits of %s with %s runs of another waiting", waits, left)
    owner_connection.execute("UPDATE engine_execution SET state = 'cancelled' WHERE state IN ('queued', 'running')")
    assert left > BACKLOG / 2
    assert sorted(waits)[1] < MOST_SECONDS, waits


def _ended(tenant, run: int) -> bool:
    with tenant_scope(tenant.pk):
        return Execution.objects.get(pk=run).finished_at is not None
