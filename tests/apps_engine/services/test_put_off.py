"""An operator allows more: what waits for the quota alone is due at once (RUN-07)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.services.quotas import AI_CALLS_PER_HOUR, EXECUTIONS
from apps_engine.services.runs import run_app
from apps_engine.store.models import App, Execution, QuotaUse
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_ingest import event
from tests.apps_engine.services.test_quotas import SUMMARY, allow

pytestmark = pytest.mark.requirement("RUN-07")


def waiting(tenant) -> list[bool]:
    """Of each run, the oldest first, whether its time is still to come."""
    with tenant_scope(tenant.pk):
        return [run.run_at > timezone.now() for run in Execution.objects.order_by("pk")]


def counted(tenant) -> list[int]:
    """What is used of the quota of runs in this window and in those that were to come."""
    with tenant_scope(tenant.pk):
        return [use.used for use in QuotaUse.objects.filter(name=EXECUTIONS).order_by("starts_at")]


def put_off(tenant, principal, runs: int) -> None:
    """So many runs of an app, where only one an hour is allowed."""
    with tenant_scope(tenant.pk):
        create_app(principal, flagging() | {"settings": {"on_quota": "reschedule"}})
    allow(tenant, EXECUTIONS, 1)
    ingest([event(tenant) for _ in range(runs)])


@pytest.mark.parametrize(
    ("amount", "still_waiting", "used"),
    [
        (20_000, [False] * 4, [4, 0, 0, 0]),
        (2, [False, False, True, True], [2, 0, 1, 1]),
        (0, [False] + [True] * 3, [1] * 4),
    ],
    ids=["room for all", "room for one", "less"],
)
def test_runs_that_were_put_off_are_due_as_far_as_there_is_room_and_each_counts_once(
    tenant, principal, amount, still_waiting, used
):
    put_off(tenant, principal, 4)
    assert waiting(tenant) == [False, True, True, True]
    allow(tenant, EXECUTIONS, amount)
    assert waiting(tenant) == still_waiting
    assert counted(tenant) == used


def test_what_waits_for_something_else_keeps_its_time(tenant, principal):
    put_off(tenant, principal, 4)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    with tenant_scope(tenant.pk):
        _, delayed, task, minute = Execution.objects.order_by("pk")
        Execution.objects.filter(pk=delayed.pk).update(trigger_type="delayed", run_at=hour)
        Execution.objects.filter(pk=task.pk).update(trigger_type="task", run_at=hour)
        Execution.objects.filter(pk=minute.pk).update(run_at=hour + timedelta(minutes=1))
    allow(tenant, EXECUTIONS, None)
    assert waiting(tenant) == [False, True, True, True]
    assert counted(tenant) == [1] * 4


def test_runs_of_an_app_that_is_paused_wait_for_more_than_the_quota(tenant, principal):
    put_off(tenant, principal, 2)
    with tenant_scope(tenant.pk):
        App.objects.update(status=App.Status.PAUSED)
    allow(tenant, EXECUTIONS, None)
    assert waiting(tenant) == [False, True]


def test_a_run_that_met_a_quota_at_work_goes_on(tenant, principal):
    allow(tenant, AI_CALLS_PER_HOUR, 0)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([SUMMARY], settings={"on_quota": "reschedule"}))
        run = run_app(principal, app.pk)
    assert run_now(run.pk) == Execution.State.QUEUED
    assert waiting(tenant) == [True]
    allow(tenant, EXECUTIONS, None)
    assert waiting(tenant) == [True]
    allow(tenant, AI_CALLS_PER_HOUR, None)
    assert waiting(tenant) == [False]
