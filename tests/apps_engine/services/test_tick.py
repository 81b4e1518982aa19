"""Schedules fire once per nominal time, whoever ticks (TRG-01)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from prometheus_client import REGISTRY

from apps_engine.language.instants import format_instant
from apps_engine.services.apps import create_app, pause_app, resume_app
from apps_engine.services.auto_pause import pause_after_failures
from apps_engine.services.backlog import backlog_of
from apps_engine.services.tick import tick
from apps_engine.store.claims import claim
from apps_engine.store.models import App, Decision, Execution, Schedule
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.scheduling import TELL, due_since, times_passed


def stop(principal, app, status: str) -> None:
    """Pause the app, by hand or for its failures."""
    if status == "paused":
        pause_app(principal, app.pk, "Enough")
        return
    App.objects.filter(pk=app.pk).update(consecutive_errors=5)
    with caused_by(Cause(principal)):
        pause_after_failures(app.pk, {"message": "No"})


def test_the_next_fire_is_known_as_soon_as_the_app_exists(tenant, hourly):
    with tenant_scope(tenant.pk):
        schedule = Schedule.objects.get(app=hourly)
    assert datetime.now(UTC) < schedule.next_fire_at <= datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.requirement("TRG-01")
def test_one_tick_fires_all_that_is_due_however_much_it_is(tenant, principal, hourly, monkeypatch):
    monkeypatch.setattr("apps_engine.services.tick.BATCH", 2)
    with tenant_scope(tenant.pk):
        for number in range(4):
            trigger = {"type": "scheduled", "cron": "0 * * * *"}
            create_app(principal, {**definition([TELL], trigger), "name": f"App {number}"})
    due_since(tenant, 1)
    tick()
    with tenant_scope(tenant.pk):
        assert Execution.objects.count() == 5


@pytest.mark.requirement("TRG-01")
def test_many_ticks_at_once_fire_a_due_schedule_once(tenant, hourly):
    due_since(tenant, 1)

    def one_tick() -> None:
        try:
            tick()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: one_tick(), range(12)))
    with tenant_scope(tenant.pk):
        execution = Execution.objects.get()
        assert execution.trigger_type == "scheduled"
        assert Schedule.objects.get().next_fire_at > datetime.now(UTC)


@pytest.mark.requirement("TRG-01")
def test_missed_fires_become_one_run_of_the_latest_and_the_others_are_told(tenant, hourly):
    due_since(tenant, 5)
    tick()
    with tenant_scope(tenant.pk):
        execution = Execution.objects.get()
        nominal = datetime.fromisoformat(execution.trigger["scheduled_for"])
        assert nominal == datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        missed = Decision.objects.get(outcome="missed")
        assert missed.details["count"] == 4


@pytest.mark.requirement("TRG-01")
@pytest.mark.parametrize(("cron", "ends"), [("* * * * *", 24), ("* 0-7 * * *", 8)])
def test_after_days_without_a_tick_it_is_still_the_latest_fire_that_is_made(tenant, principal, cron, ends):
    trigger = {"type": "scheduled", "cron": cron, "catch_up": "24h"}
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], trigger))
    first = due_since(tenant, 24 * 9)
    tick()
    with tenant_scope(tenant.pk):
        (run,) = Execution.objects.all()
        assert Decision.objects.get(outcome="missed").details["count"] >= 1000
    fired = datetime.fromisoformat(run.trigger["scheduled_for"])
    latest = now if now.hour < ends else now.replace(hour=ends - 1, minute=59)
    assert first < latest <= fired <= latest + timedelta(minutes=1)


@pytest.mark.requirement("TRG-01")
def test_a_fire_older_than_its_catch_up_time_does_not_run(tenant, principal):
    trigger = {"type": "scheduled", "cron": "0 0 1 1 *", "timezone": "UTC", "catch_up": "10m"}
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], trigger))
        Schedule.objects.update(next_fire_at=datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC))
    tick()
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()
        assert Decision.objects.get(outcome="missed").details["count"] == 1
        assert Schedule.objects.get().next_fire_at.year == datetime.now(UTC).year + 1


def test_the_same_nominal_time_never_runs_twice_even_if_the_schedule_is_turned_back(tenant, hourly):
    first = due_since(tenant, 1)
    tick()
    with tenant_scope(tenant.pk):
        Execution.objects.update(state="succeeded")
        Schedule.objects.update(next_fire_at=first)
    tick()
    with tenant_scope(tenant.pk):
        assert Execution.objects.count() == 1


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize(
    ("status", "reason"), [("paused", "Enough"), ("error", "Paused after 5 failures in a row: No")]
)
def test_the_times_that_pass_while_an_app_is_paused_run_nothing_and_are_counted(
    tenant, hourly, principal, status, reason
):
    first = due_since(tenant, 3)
    with tenant_scope(tenant.pk):
        stop(principal, hourly, status)
    tick()
    tick()
    with tenant_scope(tenant.pk):
        told = Decision.objects.get()
        assert (told.outcome, told.trigger_id, told.repeats) == ("paused", "start", 3)
        times = {"first": format_instant(first), "latest": format_instant(first + timedelta(hours=2))}
        assert told.details == {"status": status, "reason": reason, **times}
        assert Schedule.objects.get().next_fire_at > datetime.now(UTC)
        Schedule.objects.update(next_fire_at=first + timedelta(hours=2))
    tick()
    with tenant_scope(tenant.pk):
        assert times_passed() == 4
        resume_app(principal, hourly.pk)
    tick()
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()
        assert times_passed() == 4


@pytest.mark.requirement("APP-04")
def test_a_run_that_nobody_asks_for_inputs_has_their_defaults(tenant, principal):
    trigger = {"type": "scheduled", "cron": "0 * * * *"}
    inputs = {"type": "object", "properties": {"days": {"type": "integer", "default": 7}}}
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], trigger, inputs=inputs))
    due_since(tenant, 1)
    tick()
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().inputs == {"days": 7}


@pytest.mark.requirement("TRG-01")
def test_a_tenant_whose_schedules_fail_is_logged_and_counted_and_the_others_are_fired(
    tenant, other_tenant, principal, hourly, owner_connection, caplog
):
    trigger = {"type": "scheduled", "cron": "0 * * * *"}
    with tenant_scope(other_tenant.pk):
        create_app(system_principal(other_tenant.pk, "another"), definition([TELL], trigger))
    for one in (tenant, other_tenant):
        due_since(one, 1)
    before = unfired()
    # Nothing in Python can hold such a time.
    spoil = "UPDATE engine_schedule SET next_fire_at = %s WHERE tenant_id = %s"
    try:
        for poisoned, fine in ((tenant, other_tenant), (other_tenant, tenant)):
            owner_connection.execute(spoil, ["-infinity", poisoned.pk])
            tick()
            with tenant_scope(fine.pk):
                assert Execution.objects.count() == 1
            owner_connection.execute(spoil, [due_since(poisoned, 1), poisoned.pk])
    finally:
        owner_connection.execute(spoil, [None, tenant.pk])
        owner_connection.execute(spoil, [None, other_tenant.pk])
    assert unfired() - before == 2
    assert [record.exc_info is not None for record in caplog.records if "could not be fired" in record.message] == [
        True
    ] * 2


def unfired() -> float:
    return REGISTRY.get_sample_value("decommerce_sweep_finds_total", {"what": "unfired"}) or 0


@pytest.mark.requirement("RUN-06")
def test_schedules_whose_runs_queue_wait_with_an_app_that_was_paused_for_its_failures(tenant, principal):
    trigger, queueing = {"type": "scheduled", "cron": "0 * * * *"}, {"concurrency": {"mode": "queue"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([TELL], trigger, settings=queueing))
        stop(principal, app, "error")
        app.refresh_from_db()
        assert "schedules that pass do so where their runs queue" in backlog_of(app)
    due_since(tenant, 1)
    tick()
    with tenant_scope(tenant.pk):
        run = Execution.objects.get()
    assert claim("nobody", 1, [run.pk]) == []
    due_since(tenant, 2)
    with tenant_scope(tenant.pk):
        resume_app(principal, app.pk)
    tick()
    assert [work.id for work in claim("somebody", 1, [run.pk])] == [run.pk]
    with tenant_scope(tenant.pk):
        assert Execution.objects.get() == run
        assert Decision.objects.get().outcome == "missed", "of the hour before, which nobody looked at"
