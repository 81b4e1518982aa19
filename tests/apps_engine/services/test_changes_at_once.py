"""Changes of an app that meet each other, or a worker that ends its runs: each knows of the other."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import F

from apps_engine.services.apps import create_app, delete_app, pause_app, resume_app, update_app
from apps_engine.services.auto_pause import pause_after_failures
from apps_engine.services.errors import AppNotFound
from apps_engine.store.models import App, Schedule, Subscription
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from tests.apps_engine.services.definitions import flagging
from tests.meeting import meeting


@pytest.mark.requirement("APP-07")
@pytest.mark.parametrize("change", [pause_app, resume_app])
def test_a_change_that_meets_a_deletion_waits_for_it_and_finds_no_app(tenant, principal, owner_connection, change):
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
        if change is resume_app:
            pause_app(principal, app.pk)

    def late() -> None:
        with pytest.raises(AppNotFound):
            change(principal, app.pk)

    meeting(tenant, owner_connection, lambda: delete_app(principal, app.pk), late)
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=app.pk).status == "deleted"


@pytest.mark.requirement("RUN-06", "APP-03")
@pytest.mark.parametrize(
    ("change", "status"),
    [(update_app, "error"), (pause_app, "paused"), (resume_app, "active"), (delete_app, "deleted")],
)
def test_a_change_that_meets_a_workers_pause_knows_of_it_and_of_what_was_counted(
    tenant, principal, owner_connection, change, status
):
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())

    def fail_too_often() -> None:
        App.objects.update(runs=F("runs") + 7, errors=F("errors") + 5, consecutive_errors=5)
        with caused_by(Cause(principal)):
            pause_after_failures(app.pk, {"message": "No"})

    given = [flagging(below=40)] if change is update_app else []
    meeting(tenant, owner_connection, fail_too_often, lambda: change(principal, app.pk, *given))
    with tenant_scope(tenant.pk):
        app.refresh_from_db()
        assert (app.status, app.runs, app.errors) == (status, 7, 5)
        assert app.consecutive_errors == (0 if change is resume_app else 5)
        assert Subscription.objects.filter(app=app).exists() is (status in ("active", "error"))
        resumed = AuditEntry.objects.filter(target=f"app:{app.pk}", verb="app.resumed")
        assert resumed.exists() is (change is resume_app)


@pytest.mark.requirement("RUN-06")
def test_a_workers_pause_that_meets_a_change_leaves_the_subscriptions_of_the_new_version(
    tenant, principal, owner_connection
):
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
        App.objects.update(consecutive_errors=5)
    changed = {**flagging(), "triggers": [{"id": "start", "flow": "main", "type": "manual"}]}
    changed["flows"]["main"]["steps"] = [{"id": "top", "fetch": "users", "limit": 1}]
    failed = partial(pause_after_failures, app.pk, {"message": "No"})
    meeting(tenant, owner_connection, partial(update_app, principal, app.pk, changed), failed)
    with tenant_scope(tenant.pk):
        assert App.objects.get(pk=app.pk).status == "error"
        assert not Subscription.objects.exists()


@pytest.mark.requirement("APP-06", "TRG-01")
@pytest.mark.parametrize("change", [update_app, resume_app, delete_app])
def test_a_change_that_waits_for_a_tick_keeps_no_run_from_ending(tenant, principal, owner_connection, hourly, change):
    if change is resume_app:
        with tenant_scope(tenant.pk):
            pause_app(principal, hourly.pk)
    given = [flagging()] if change is update_app else []
    meeting(
        tenant,
        owner_connection,
        lambda: list(Schedule.objects.select_for_update()),
        lambda: change(principal, hourly.pk, *given),
        # As a run does that ends, for which a tick may wait.
        lambda: App.objects.update(runs=F("runs") + 1),
    )
    with tenant_scope(tenant.pk):
        assert App.objects.get().runs == 1
