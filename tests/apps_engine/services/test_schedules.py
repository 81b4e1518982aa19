"""What becomes of fires that are due when an app is paused, changed, or has a schedule that nobody can read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps_engine.language.instants import format_instant
from apps_engine.services.apps import create_app, pause_app, resume_app, update_app
from apps_engine.services.tick import tick
from apps_engine.store.models import Decision, Execution, Schedule
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.scheduling import TELL, due_since, times_passed


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize("change", ["resumed", "changed"])
def test_what_passed_since_the_last_tick_is_told_when_a_paused_app_is_resumed_or_changed(
    tenant, hourly, principal, change
):
    with tenant_scope(tenant.pk):
        pause_app(principal, hourly.pk)
    due_since(tenant, 2)
    with tenant_scope(tenant.pk):
        if change == "resumed":
            resume_app(principal, hourly.pk)
        else:
            update_app(principal, hourly.pk, definition([TELL], {"type": "scheduled", "cron": "30 * * * *"}))
        assert times_passed() == 2
    tick()
    with tenant_scope(tenant.pk):
        assert Schedule.objects.get().next_fire_at > datetime.now(UTC)
        assert not Execution.objects.exists()
        assert times_passed() == 2


@pytest.mark.requirement("TRG-01", "APP-06")
def test_a_fire_that_is_due_when_the_app_is_changed_is_made_by_the_next_tick(tenant, hourly, principal):
    due_since(tenant, 3)
    trigger = {"type": "scheduled", "cron": "0 * * * *", "timezone": "Europe/Zurich"}
    with tenant_scope(tenant.pk):
        update_app(principal, hourly.pk, definition([{**TELL, "id": "other"}], trigger))
    tick()
    with tenant_scope(tenant.pk):
        run = Execution.objects.get()
        latest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        assert (run.version.number, run.trigger["scheduled_for"]) == (2, format_instant(latest))
        assert Decision.objects.get().details["count"] == 2
        assert Schedule.objects.get().next_fire_at > datetime.now(UTC)


@pytest.mark.requirement("TRG-11")
@pytest.mark.parametrize(
    "trigger",
    [
        {"type": "manual"},
        {"type": "scheduled", "cron": "30 * * * *", "timezone": "Europe/Zurich"},
        {"type": "scheduled", "cron": "0 * * * *", "timezone": "Asia/Kolkata"},
        {"type": "scheduled", "cron": "0 * * * *", "timezone": "Europe/Zurich", "id": "renamed"},
    ],
)
def test_what_is_due_of_a_schedule_that_is_changed_or_removed_is_told_as_missed(tenant, hourly, principal, trigger):
    first = due_since(tenant, 3)
    with tenant_scope(tenant.pk):
        update_app(principal, hourly.pk, definition([TELL], trigger))
    tick()
    with tenant_scope(tenant.pk):
        assert not Execution.objects.exists()
        told = Decision.objects.get()
        assert (told.outcome, told.trigger_id, told.details["count"]) == ("missed", "start", 3)
        assert told.details["latest"] == format_instant(first + timedelta(hours=2))


def test_a_process_whose_clock_is_wrong_plans_by_the_databases(tenant, principal):
    trigger = {"type": "scheduled", "cron": "0 * * * *"}
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=5)), tenant_scope(tenant.pk):
        create_app(principal, definition([TELL], trigger))
        first = Schedule.objects.get().next_fire_at
    assert first <= datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.requirement("TRG-01", "TRG-11")
@pytest.mark.parametrize(
    "fault",
    [{"timezone": "Mars/Base"}, {"cron": "61 * * * *"}, {"trigger_id": "gone"}],
    ids=["zone", "cron", "trigger"],
)
def test_a_schedule_that_cannot_be_read_keeps_no_fire_from_the_others_and_says_why(tenant, principal, hourly, fault):
    with tenant_scope(tenant.pk):
        other = create_app(
            principal, {**definition([TELL], {"type": "scheduled", "cron": "0 * * * *"}), "name": "Fine"}
        )
        Schedule.objects.filter(app=hourly).update(**fault)
    due_since(tenant, 1)
    tick()
    with tenant_scope(tenant.pk):
        assert Execution.objects.get().app_id == other.pk
        told = Decision.objects.get()
        assert (told.app_id, told.outcome, told.details["code"]) == (hourly.pk, "invalid", "definition_outdated")
        waits = Schedule.objects.get(app=hourly).next_fire_at
        assert (waits is None) is ("trigger_id" not in fault)


@pytest.mark.requirement("TRG-01")
@pytest.mark.parametrize("paused", [False, True])
def test_an_app_whose_schedule_cannot_be_read_is_put_right_by_a_change(tenant, principal, hourly, paused):
    with tenant_scope(tenant.pk):
        if paused:
            pause_app(principal, hourly.pk)
        Schedule.objects.update(timezone="Mars/Base")
    due_since(tenant, 1)
    with tenant_scope(tenant.pk):
        update_app(principal, hourly.pk, definition([TELL], {"type": "scheduled", "cron": "0 * * * *"}))
        assert Schedule.objects.get().next_fire_at > datetime.now(UTC)
        assert Decision.objects.get().details["code"] == "definition_outdated"
