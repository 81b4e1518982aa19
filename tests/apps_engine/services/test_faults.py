"""A fault inside the engine or a plugin undoes its step, keeps the journal honest, and is tried again (RUN-05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone
from pydantic import BaseModel

from apps_engine.contracts import ActionContext, Call, LocalAction, Request
from apps_engine.registry import registry
from apps_engine.services.apps import create_app
from apps_engine.services.ingest import ingest
from apps_engine.services.plans import forget_plans
from apps_engine.services.runs import get_run, run_app
from apps_engine.services.tick import tick
from apps_engine.store.models import Decision, Execution, Schedule
from apps_engine.store.state import merge_state, read_state
from decommerce.community.models import Notification, XpEntry
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now
from tests.apps_engine.services.test_ingest import event
from tests.scenarios.plugins.actions import Ask, OutsideParams
from tests.scenarios.plugins.gates import Gate
from tests.waiting import until


class NothingParams(BaseModel):
    """No parameters."""


class Crash(LocalAction[NothingParams]):
    """Raises what no action should, as long as `broken`."""

    name = "crash"
    summary = sentence = "crashes"
    Params = NothingParams
    broken = True

    def apply(self, batch: Sequence[Call[NothingParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        if self.broken:
            raise ZeroDivisionError("a bug")
        return [{} for _ in batch]


@pytest.fixture
def crash() -> Iterator[Crash]:
    action = Crash()
    registry.add_actions([action])
    vars(registry).pop("catalogue", None)
    yield action
    del registry.actions["crash"]
    vars(registry).pop("catalogue", None)


class Divide(Ask):
    """Has the database refuse a statement while the call is being prepared."""

    name = "divide"

    def prepare(self, call: Call[OutsideParams], context: ActionContext) -> Request:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return super().prepare(call, context)


class TellNobody(Crash):
    """Tells somebody who is not there, which is found out when the transaction is committed."""

    name = "tell_nobody"

    def apply(self, batch: Sequence[Call[NothingParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
        Notification.objects.bulk_create([Notification(member_id=0, title="Hello") for _ in batch])
        return [{} for _ in batch]


@pytest.mark.requirement("RUN-03")
@pytest.mark.parametrize(
    ("action", "params"), [(Divide(), {"url": "http://localhost/", "text": "hi"}), (TellNobody(), {})]
)
def test_what_the_database_refuses_outside_an_action_is_the_runs_own_failure(tenant, principal, action, params):
    registry.add_actions([action])
    vars(registry).pop("catalogue", None)
    with tenant_scope(tenant.pk):
        once = {"retry": {"max_attempts": 1}}
        app = create_app(principal, definition([{"act": action.name, "params": params}], settings=once))
        run = run_app(principal, app.pk).pk
    try:
        assert run_now(run) == "dead"
    finally:
        del registry.actions[action.name]
        vars(registry).pop("catalogue", None)
    with tenant_scope(tenant.pk):
        assert get_run(principal, run).error["code"] == "internal_error"


@pytest.mark.requirement("RUN-05", "RUN-03")
def test_steps_before_a_crash_in_the_same_transaction_are_undone_and_done_once_by_the_next_attempt(
    tenant, principal, members, crash, owner_connection
):
    award = {
        "id": "award",
        "act": "award_xp",
        "params": {"member_id": members[0].pk, "amount": 5, "reason": "Thanks"},
    }
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([award, {"id": "crash", "act": "crash", "params": {}}]))
        execution = run_app(principal, app.pk)
    assert run_now(execution.pk) == "queued"
    with tenant_scope(tenant.pk):
        assert not XpEntry.objects.exists()
        run = get_run(principal, execution.pk)
        assert run.error["code"] == "internal_error"
        assert not run.steps.exists()
        assert run.run_at > run.created_at
    crash.broken = False
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [execution.pk])
    assert run_now(execution.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        assert XpEntry.objects.count() == 1
        assert Execution.objects.get(pk=execution.pk).error is None


@pytest.mark.requirement("RUN-03")
def test_a_run_that_crashes_at_every_attempt_is_dead_after_the_last(tenant, principal, crash, owner_connection):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([{"id": "crash", "act": "crash", "params": {}}]))
        execution = run_app(principal, app.pk)
    states = []
    for _ in range(3):
        states.append(run_now(execution.pk))
        owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [execution.pk])
    assert states == ["queued", "queued", "dead"]
    with tenant_scope(tenant.pk):
        app.refresh_from_db()
        assert (app.errors, app.consecutive_errors) == (1, 1)


def test_a_run_whose_version_no_longer_compiles_fails_with_what_to_do_and_the_admins_hear_of_it(
    tenant, principal, crash, make_admin
):
    make_admin(tenant)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([{"id": "crash", "act": "crash", "params": {}}]))
        execution = run_app(principal, app.pk)
    del registry.actions["crash"]
    vars(registry).pop("catalogue", None)
    forget_plans()
    assert run_now(execution.pk) == "failed"
    registry.add_actions([crash])
    with tenant_scope(tenant.pk):
        assert get_run(principal, execution.pk).error["code"] == "definition_outdated"
        assert "cannot be run here any more" in Notification.objects.get(title=f"“{app.name}” failed").body


def test_a_run_that_loses_its_connection_leaves_the_worker_fit_for_the_next(
    tenant, other_tenant, principal, members, crash, owner_connection
):
    class Cut(Crash):
        name = "cut"

        def apply(self, batch: Sequence[Call[NothingParams]], context: ActionContext) -> Sequence[dict[str, Any]]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                owner_connection.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
            Tenant.objects.count()
            return [{} for _ in batch]

    registry.add_actions([Cut()])
    vars(registry).pop("catalogue", None)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([{"id": "cut", "act": "cut", "params": {}}]))
        execution = run_app(principal, app.pk)
    with pytest.raises(OperationalError):
        run_now(execution.pk)
    del registry.actions["cut"]
    connection.close()
    with tenant_scope(other_tenant.pk):
        assert not Execution.objects.exists()


@pytest.mark.requirement("RUN-03")
def test_of_two_that_wait_for_each_other_the_run_gives_way_and_is_tried_again(
    tenant, principal, members, plugins, database, owner_connection, tmp_path
):
    gate = Gate(str(tmp_path / "gate"))
    member = members[0].pk
    remember = {"id": "note", "act": "state_update", "params": {"data": {"n": "{{ (state.n | default: 0) + 1 }}"}}}
    hold = {"id": "hold", "act": "stamp", "params": {"member_id": member, "text": "held", "gate": gate.path}}
    award = {"id": "award", "act": "award_xp", "params": {"member_id": member, "amount": 5, "reason": "Thanks"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([remember, hold, award]))
        merge_state(app.pk, "", {"n": 1})
        run = run_app(principal, app.pk).pk
    gate.close()
    with psycopg.connect(database) as other, ThreadPoolExecutor(2) as threads:
        # Whoever finds that both wait gives way: the other one does not look.
        other.execute("SET deadlock_timeout = '10min'")
        other.execute("SELECT 1 FROM community_member WHERE id = %s FOR UPDATE", [member])
        ended = threads.submit(run_and_disconnect, run)
        until(gate.reached, "the run has changed the state")
        wants = "UPDATE engine_appstate SET updated_at = now() WHERE app_id = %s"
        wanted = threads.submit(other.execute, wants, [app.pk])
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        until(lambda: owner_connection.execute(waiting).fetchone() == (1,), "the other waits for the state")
        gate.open()
        assert ended.result() == "queued"
        wanted.result()
        other.rollback()
    with tenant_scope(tenant.pk):
        assert get_run(principal, run).error["code"] == "database_conflict"
        assert read_state(app.pk, "") == {"n": 1}
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [run])
    assert run_now(run) == "succeeded"
    with tenant_scope(tenant.pk):
        assert read_state(app.pk, "") == {"n": 2}
        assert XpEntry.objects.count() == 1


def run_and_disconnect(run: int) -> str:
    """Run it, from a thread that has connections of its own."""
    try:
        return run_now(run)
    finally:
        connections.close_all()


@pytest.mark.requirement("RUN-02")
def test_what_was_undone_with_a_crash_is_not_counted(tenant, principal, members, crash, owner_connection):
    mail = {"id": "mail", "act": "send_email", "params": {"to": members[0].pk, "subject": "Hi", "body": "Hello"}}
    with tenant_scope(tenant.pk):
        run = run_app(principal, create_app(principal, definition([mail, {"act": "crash", "params": {}}])).pk).pk
    assert run_now(run) == "queued"
    with tenant_scope(tenant.pk):
        assert get_run(principal, run).usage == {}
    crash.broken = False
    owner_connection.execute("UPDATE engine_execution SET run_at = now() WHERE id = %s", [run])
    assert run_now(run) == "succeeded"
    with tenant_scope(tenant.pk):
        assert get_run(principal, run).usage == {"email": 1}


@pytest.mark.requirement("TRG-02", "TRG-01")
def test_an_app_whose_block_is_gone_keeps_no_event_and_no_fire_from_the_others(tenant, principal, crash):
    step = [{"id": "crash", "act": "crash", "params": {}}]
    fine = [{"id": "top", "fetch": "users", "limit": 1}]
    listens = {"type": "event", "event": "post.created"}
    fires = {"type": "scheduled", "cron": "0 * * * *", "timezone": "UTC", "catch_up": "2h"}
    with tenant_scope(tenant.pk):
        for name, steps, trigger in (
            ("Gone", step, listens),
            ("Gone too", step, fires),
            ("Fine", fine, listens),
            ("Fine too", fine, fires),
        ):
            create_app(principal, definition(steps, trigger, name=name))
        Schedule.objects.update(next_fire_at=timezone.now() - timedelta(minutes=5))
    del registry.actions["crash"]
    vars(registry).pop("catalogue", None)
    forget_plans()
    assert len(ingest([event(tenant)]).executions) == 1
    tick()
    registry.add_actions([crash])
    with tenant_scope(tenant.pk):
        assert sorted(Execution.objects.values_list("app__name", flat=True)) == ["Fine", "Fine too"]
        told = Decision.objects.filter(outcome="invalid").order_by("app_id")
        assert [(row.app.name, row.details["code"]) for row in told] == [
            ("Gone", "definition_outdated"),
            ("Gone too", "definition_outdated"),
        ]
