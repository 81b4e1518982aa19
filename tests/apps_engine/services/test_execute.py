"""Runs on real rows: effects, journal, retries, pauses, leases (RUN-01 to RUN-08)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps_engine.services.apps import create_app, get_app, pause_app, resume_app
from apps_engine.services.backlog import backlog_of
from apps_engine.services.errors import InputsRefused, NotRunnable
from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.services.presentation import app_as_dict, run_as_dict
from apps_engine.services.runs import cancel_run, get_run, run_app
from apps_engine.store.claims import claim, requeue_expired
from apps_engine.store.models import App, Execution, StepResult
from decommerce.community.models import Member, Notification, XpEntry
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition, flagging, rewarding
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_ingest import event


@pytest.mark.requirement("RUN-08")
def test_a_run_does_its_work_once_and_tells_step_by_step_what_it_did(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
    assert run_now(execution.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        assert list(Member.objects.values_list("xp", flat=True)) == [5, 5, 5]
        told = run_as_dict(get_run(principal, execution.pk), principal)
        app.refresh_from_db()
    assert [step["path"] for step in told["steps"]] == ["main/members", "main/everyone[0:3]/award", "main/everyone"]
    assert told["steps"][0]["output"] == [{"id": member.pk} for member in members]
    assert told["state"] == "succeeded"
    assert (app.runs, app.errors, app.consecutive_errors) == (1, 0, 0)


@pytest.mark.requirement("APP-04")
def test_inputs_are_typed_and_have_defaults(scope, principal):
    app = create_app(
        principal,
        definition(
            [
                {
                    "id": "tell",
                    "act": "send_notification",
                    "params": {"to": "everyone", "title": "{{ inputs.days }} days"},
                }
            ],
            inputs={"type": "object", "properties": {"days": {"type": "integer", "default": 7, "minimum": 1}}},
        ),
    )
    assert run_app(principal, app.pk).inputs == {"days": 7}
    with pytest.raises(InputsRefused, match="days"):
        run_app(principal, app.pk, {"days": "many"})


def test_an_input_may_be_anything_where_its_schema_says_true(scope, principal):
    tell = {"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "Hi"}}
    app = create_app(principal, definition([tell], inputs={"type": "object", "properties": {"note": True}}))
    assert run_app(principal, app.pk, {"note": ["anything"]}).inputs == {"note": ["anything"]}


def test_an_app_that_waits_for_events_does_not_run_by_hand(scope, principal):
    trigger = {"type": "event", "event": "member.joined"}
    tell = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "Hi"}}
    app = create_app(principal, definition([tell], trigger))
    with pytest.raises(NotRunnable):
        run_app(principal, app.pk)


@pytest.mark.requirement("RUN-05")
@pytest.mark.parametrize("key", ["thanks:{{ member.id }}", "{{ member.id }}"])
def test_once_per_holds_over_all_runs(tenant, principal, members, key):
    award = rewarding(once_per=key)
    with tenant_scope(tenant.pk):
        app = create_app(principal, award)
        first = run_app(principal, app.pk)
    assert run_now(first.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        second = run_app(principal, app.pk)
    assert run_now(second.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        assert XpEntry.objects.count() == 3
        step = StepResult.objects.get(execution_id=second.pk, path="main/everyone[0:3]/award")
        assert step.output["skipped"] == 3


@pytest.mark.requirement("RUN-01")
def test_a_run_by_hand_that_would_overlap_another_is_skipped_and_says_why(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        first, second = run_app(principal, app.pk), run_app(principal, app.pk)
    assert (first.state, second.state) == ("queued", "skipped")
    assert second.error["code"] == "overlap"


@pytest.mark.requirement("RUN-01")
def test_two_runs_of_one_key_are_never_claimed_together(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**rewarding(), "settings": {"concurrency": {"mode": "queue"}}})
        runs = [run_app(principal, app.pk).pk for _ in range(3)]
    (claimed,) = claim("one", 10, runs)
    assert claim("two", 10, runs) == []
    assert execute(claimed) == "succeeded"
    assert len(claim("two", 10, runs)) == 1


@pytest.mark.requirement("APP-03")
def test_a_paused_apps_run_waits_and_goes_on_when_it_is_resumed(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
        pause_app(principal, app.pk)
    assert claim("worker", 1, [execution.pk]) == []
    with tenant_scope(tenant.pk):
        assert app_as_dict(get_app(principal, app.pk))["backlog"].startswith("One run waits and goes on when it is res")
        resume_app(principal, app.pk)
        assert app_as_dict(get_app(principal, app.pk))["backlog"] is None
    assert run_now(execution.pk) == "succeeded"


@pytest.mark.requirement("APP-03")
def test_a_pause_between_claim_and_first_step_stops_the_run_before_it(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
    (claimed,) = claim("worker", 1, [execution.pk])
    with tenant_scope(tenant.pk):
        pause_app(principal, app.pk)
    assert execute(claimed) == "queued"
    with tenant_scope(tenant.pk):
        assert not XpEntry.objects.exists()
        assert Execution.objects.get(pk=execution.pk).attempt == 0


def test_a_cancelled_run_does_nothing(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
    (claimed,) = claim("worker", 1, [execution.pk])
    with tenant_scope(tenant.pk):
        cancel_run(principal, execution.pk)
    assert execute(claimed) == "cancelled"
    with tenant_scope(tenant.pk):
        assert not XpEntry.objects.exists()
        assert get_run(principal, execution.pk).state == "cancelled"


@pytest.mark.requirement("RUN-01")
def test_a_lease_that_ran_out_is_lost_though_nobody_took_the_run_over_yet(tenant, principal, members, owner_connection):
    with tenant_scope(tenant.pk):
        execution = run_app(principal, create_app(principal, rewarding()).pk)
    (late,) = claim("late", 1, [execution.pk])
    owner_connection.execute("UPDATE engine_execution SET lease_until = now() WHERE id = %s", [execution.pk])
    requeue_expired()
    assert execute(late) == "lease_lost"


@pytest.mark.requirement("RUN-01")
def test_a_worker_whose_lease_was_taken_over_writes_nothing(tenant, principal, members, owner_connection):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
    (frozen,) = claim("frozen", 1, [execution.pk])
    owner_connection.execute("UPDATE engine_execution SET fence = fence + 1 WHERE id = %s", [execution.pk])
    assert execute(frozen) == "lease_lost"
    with tenant_scope(tenant.pk):
        assert not XpEntry.objects.exists()
        assert not StepResult.objects.filter(execution_id=execution.pk).exists()


@pytest.mark.requirement("RUN-08")
def test_a_failed_step_is_named_with_what_to_do(tenant, principal, members):
    broken = definition(
        [
            {"id": "members", "fetch": "users", "fields": ["id", "country"], "limit": 10},
            {
                "id": "tell",
                "act": "send_notification",
                "params": {"to": "{{ members[0].id }}", "title": "{{ members[9].country }}"},
            },
        ]
    )
    with tenant_scope(tenant.pk):
        app = create_app(principal, broken)
        execution = run_app(principal, app.pk)
    assert run_now(execution.pk) == "failed"
    with tenant_scope(tenant.pk):
        run = get_run(principal, execution.pk)
        assert run.error["path"] == "main/tell"
        assert run.error["code"] == "missing_value"
        assert "members[9]" in run.error["message"]


@pytest.mark.requirement("RUN-06")
def test_an_app_that_fails_five_times_in_a_row_is_paused_and_its_admins_are_told_once(tenant, principal, make_admin):
    admin = make_admin(tenant)
    broken = definition(
        [
            {"id": "members", "fetch": "users", "fields": ["id"], "limit": 10},
            {
                "id": "tell",
                "act": "send_notification",
                "params": {"to": "admins", "title": "Number {{ members[99].id }}"},
            },
        ]
    )
    with tenant_scope(tenant.pk):
        app = create_app(principal, broken)
    for _ in range(5):
        with tenant_scope(tenant.pk):
            execution = run_app(principal, app.pk)
        assert run_now(execution.pk) == "failed"
    with tenant_scope(tenant.pk):
        app.refresh_from_db()
        assert app.status == App.Status.ERROR
        assert "5 failures in a row" in app.status_reason
        told = Notification.objects.order_by("pk").values_list("member_id", "title")
        assert list(told) == [
            (admin.pk, "“An app” failed"),
            (admin.pk, "“An app” was paused"),
        ]
        with pytest.raises(NotRunnable):
            run_app(principal, app.pk)


def test_now_is_the_same_in_every_attempt(tenant, principal, members):
    told = definition(
        [{"id": "tell", "act": "send_notification", "params": {"to": "everyone", "title": "At {{ now }}"}}]
    )
    with tenant_scope(tenant.pk):
        app = create_app(principal, told)
        execution = run_app(principal, app.pk)
        Execution.objects.filter(pk=execution.pk).update(started_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert run_now(execution.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        assert {note.title for note in Notification.objects.all()} == {"At 2026-01-02T00:00:00Z"}


def test_an_app_that_was_paused_for_its_failures_misses_no_event_that_its_runs_queue_for(tenant, principal):
    listening = flagging(below=1_000)
    (flag,) = listening["flows"]["main"]["steps"]
    members = {"id": "members", "fetch": "users", "fields": ["id"], "limit": 10}
    broken = {**flag, "params": {**flag["params"], "reason": "Number {{ members[99].id }}"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, {**listening, "flows": {"main": {"steps": [members, broken]}}})
    for _ in range(5):
        (run,) = ingest([event(tenant)]).executions
        assert run_now(run) == "failed"
    (waiting,) = ingest([event(tenant)]).executions
    with tenant_scope(tenant.pk):
        app.refresh_from_db()
        assert app.status == App.Status.ERROR
        assert "One run waits and goes on when it is resumed. What would start it meanwhile queues" in backlog_of(app)
    assert claim("the test", 1, [waiting]) == [], "no run of a paused app begins"
    with tenant_scope(tenant.pk):
        resume_app(principal, app.pk)
    assert len(claim("the test", 1, [waiting])) == 1


def test_an_app_that_somebody_paused_hears_of_nothing(tenant, principal):
    with tenant_scope(tenant.pk):
        pause_app(principal, create_app(principal, flagging()).pk)
    assert ingest([event(tenant)]).executions == []
