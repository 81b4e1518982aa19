"""Letting runs in: what a few at once cost, and what they find where there is no room (RUN-07)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import EXECUTIONS
from apps_engine.services.tick import tick
from apps_engine.store.models import Execution, Schedule
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.test_ingest import event
from tests.apps_engine.services.test_quotas import TELL, allow, used

pytestmark = pytest.mark.requirement("RUN-07")


@pytest.mark.parametrize(("on_quota", "now", "later"), [("skip", 2, 0), ("reschedule", 2, 1)])
def test_of_a_few_at_once_those_that_find_no_room_wait_or_are_told_and_the_rest_run(
    tenant, principal, on_quota, now, later
):
    with tenant_scope(tenant.pk):
        create_app(principal, {**flagging(), "settings": {"on_quota": on_quota}})
    allow(tenant, EXECUTIONS, 2)
    events = [event(tenant) for _ in range(3)]
    assert len(ingest(events).executions) == now + later
    with tenant_scope(tenant.pk):
        runs = list(Execution.objects.order_by("pk"))
        waiting = [run for run in runs if run.run_at > datetime.now(UTC)]
        assert [run.trigger["event"]["id"] for run in runs] == [one["id"] for one in events][: now + later]
        assert len(waiting) == later
    assert used(tenant, EXECUTIONS) == 2
    allow(tenant, EXECUTIONS, 10)
    assert len(ingest([event(tenant)]).executions) == 1
    assert used(tenant, EXECUTIONS) == 3


def test_a_run_that_was_there_already_uses_nothing(tenant, principal):
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], {"type": "scheduled", "cron": "0 * * * *"}))
        due = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        Schedule.objects.update(next_fire_at=due)
    assert tick() == 1
    with tenant_scope(tenant.pk):
        Execution.objects.update(state="succeeded")
        Schedule.objects.update(next_fire_at=due)
    assert tick() == 0
    assert used(tenant, EXECUTIONS) == 1
