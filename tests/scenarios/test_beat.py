"""Beat starts the tick, the tick fires what is due (TRG-01, docs/execution.md 2 and promise 7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django_celery_beat.models import PeriodicTask

from apps_engine.services.apps import create_app
from apps_engine.store.models import Execution, Schedule
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.scenarios.processes import BEAT
from tests.waiting import until


@pytest.mark.requirement("TRG-01")
def test_beat_knows_the_tick_and_no_app_and_a_due_schedule_fires_once(
    processes, tenant, principal, members, owner_connection, stamps
):
    (member,) = members(1)
    stamp = {"id": "stamp", "act": "stamp", "params": {"member_id": member, "text": "fired"}}
    # Half an hour ago: due, inside the hour in which a missed fire is caught up, and no minute of this test's own.
    due = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([stamp], {"type": "scheduled", "cron": f"{due.minute} * * * *"}))
    worker = processes.worker()
    for _ in range(2):
        processes.start("beat", BEAT, {})
    worker.wait_for("Task workers.tick", 30)
    owner_connection.execute("UPDATE engine_schedule SET next_fire_at = %s WHERE app_id = %s", [due, app.pk])
    until(stamps, "the schedule fires")
    assert stamps() == ["fired"]
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().trigger == {"scheduled_for": due.strftime("%Y-%m-%dT%H:%M:%SZ")}
        assert Schedule.objects.get().next_fire_at > due
    assert {task.task for task in PeriodicTask.objects.filter(enabled=True)} <= {
        "workers.tick",
        "workers.deprecations",
        "workers.retention",
        "workers.shadows",
        "celery.backend_cleanup",
    }


@pytest.mark.requirement("RUN-15")
def test_a_worker_takes_the_turn_of_the_drafts_that_beat_asks_for(processes):
    worker = processes.worker()
    current_app.send_task("workers.shadows", task_id="turn")
    worker.wait_for("Task workers.shadows[turn] succeeded", 30)
