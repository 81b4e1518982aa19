"""What has been kept for long enough goes, in small steps, and nothing that is still needed."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections
from django.utils import timezone

from apps_engine.services.apps import create_app
from apps_engine.store.models import Effect, EventInbox, Execution, StepResult
from chat.models import Conversation, Message
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.retention import due, forget, rules
from tests.apps_engine.services.definitions import flagging

pytestmark = pytest.mark.requirement("OPS-05")
RULES = {kept.rule.name: kept for kept in rules()}


def clear(name: str, rest: float = 0) -> int:
    """What the task does, for one kind."""
    return forget(RULES[name], lambda progress: None, rest)


@pytest.fixture(autouse=True)
def empty(owner_connection) -> None:
    """Nothing of earlier tests is old."""
    owner_connection.execute("TRUNCATE engine_execution, engine_stepresult, engine_effect")
    owner_connection.execute("TRUNCATE engine_eventinbox")


@pytest.fixture
def first_run(tenant, principal) -> Execution:
    """A run that waits, from which others are copied."""
    with tenant_scope(tenant.pk):
        app = create_app(principal, flagging())
        return Execution.objects.create(
            app=app,
            version=app.versions.get(),
            flow="main",
            trigger_type="event",
            trigger_id="t",
            trigger_key="first",
            run_at=timezone.now(),
        )


@pytest.fixture
def make_runs(first_run, owner_connection):
    """Make runs that ended so many days ago, each with two lines of its journal; their ids."""

    def make(count: int, days: float, state: str = "succeeded", items: int = 1) -> list[int]:
        ids = [
            row[0]
            for row in owner_connection.execute(
                """
                INSERT INTO engine_execution SELECT (jsonb_populate_record(run, jsonb_build_object(
                    'id', nextval(pg_get_serial_sequence('engine_execution', 'id')), 'trigger_key', gen_random_uuid(),
                    'state', %(state)s::text, 'items', %(items)s::int, 'created_at', ended, 'finished_at', ended))).*
                FROM engine_execution run, generate_series(1, %(count)s),
                    LATERAL (SELECT now() - make_interval(secs => %(days)s * 86400.0) AS ended) AS moment
                WHERE run.id = %(first)s RETURNING id
                """,
                {"first": first_run.pk, "count": count, "days": days, "state": state, "items": items},
            )
        ]
        owner_connection.execute(
            "INSERT INTO engine_stepresult (tenant_id, execution_id, path, kind, status, items, attempt, duration_ms) "
            "SELECT %s, run.id, 'main/' || place, 'act', 'done', 1, 1, 1 "
            "FROM unnest(%s::bigint[]) AS run (id), generate_series(1, 2) AS place",
            [first_run.tenant_id, ids],
        )
        return ids

    return make


def remaining(tenant, model=Execution) -> set[int]:
    with tenant_scope(tenant.pk):
        return set(model.objects.values_list("pk", flat=True))


def test_dull_runs_go_before_those_that_did_something_and_failed_ones(tenant, first_run, make_runs):
    dull, useful, failed = make_runs(3, 10, items=0), make_runs(3, 10), make_runs(3, 10, "failed", items=0)
    assert clear("dull_runs") == 3
    assert clear("runs") == 0
    assert remaining(tenant) == {first_run.pk, *useful, *failed}
    assert not set(dull) & remaining(tenant)


def test_a_run_that_was_cancelled_in_the_middle_of_a_call_is_not_dull(tenant, make_runs):
    (cancelled,) = make_runs(1, 10, "cancelled", items=0)
    with tenant_scope(tenant.pk):
        Effect.objects.create(idem_key="run:1", execution_id=cancelled, path="main/1", action="webhook", fence=1)
    assert clear("dull_runs") == clear("runs") == 0
    with tenant_scope(tenant.pk):
        assert Effect.objects.get().execution_id == cancelled


def test_with_a_run_go_its_journal_and_its_calls_and_what_once_per_needs_stays(tenant, make_runs):
    old, young = make_runs(2, 100), make_runs(1, 10)
    with tenant_scope(tenant.pk):
        for run in (*old, *young):
            for key in (f"run:{run}:main/1", f"once:1:{run}"):
                Effect.objects.create(idem_key=key, execution_id=run, path="main/1", action="webhook", fence=1)
    assert clear("runs") == 2
    with tenant_scope(tenant.pk):
        assert set(StepResult.objects.values_list("execution_id", flat=True)) == set(young)
        Effect.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert clear("calls") == 2
    with tenant_scope(tenant.pk):
        assert set(Effect.objects.values_list("idem_key", "execution_id")) == {
            *((f"once:1:{run}", None) for run in old),
            (f"once:1:{young[0]}", young[0]),
            (f"run:{young[0]}:main/1", young[0]),
        }


def test_a_run_that_is_not_over_stays_however_old_it_is(tenant, first_run, make_runs):
    waiting = make_runs(2, 400, "paused") + make_runs(2, 400, "queued") + make_runs(1, 400, "running")
    assert clear("runs") + clear("dull_runs") == 0
    assert remaining(tenant) == {first_run.pk, *waiting}


def test_a_row_that_somebody_holds_is_passed_over_and_goes_the_next_time(tenant, make_runs, database):
    held, *_ = make_runs(4, 100)
    with psycopg.connect(database) as somebody:
        somebody.execute("SELECT 1 FROM engine_execution WHERE id = %s FOR UPDATE", [held])
        assert clear("runs") == 3
    assert held in remaining(tenant)
    assert clear("runs") == 1


def test_the_database_itself_keeps_what_idempotency_needs(tenant, owner_connection, settings):
    with tenant_scope(tenant.pk):
        EventInbox.objects.create(
            event_id="1", source="/b", dedupe_key="1", type="member.joined", time=timezone.now(), data={}
        )
    settings.RETENTION_DAYS = {"events": 1}
    assert RULES["events"].rule.days == 7
    with connections["scheduler"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.retention', 'on', false)")
        cursor.execute("DELETE FROM engine_eventinbox WHERE id > 0")
        assert cursor.rowcount == 0
        cursor.execute("SELECT set_config('app.retention', '', false)")
        with pytest.raises(ProgrammingError):
            cursor.execute("SELECT data FROM engine_eventinbox")


def test_nobody_but_the_scheduler_deletes_what_is_only_added(tenant, owner_connection):
    with tenant_scope(tenant.pk):
        AuditEntry.objects.create(actor_kind="user", actor_label="A", verb="app.paused", target="app:1")
    owner_connection.execute("SET session_replication_role = replica")
    owner_connection.execute("UPDATE tenancy_auditentry SET at = now() - interval '10 years'")
    owner_connection.execute("SET session_replication_role = origin")
    assert clear("audit") == 0
    with pytest.raises(ProgrammingError), tenant_scope(tenant.pk):
        AuditEntry.objects.all().delete()


def test_the_messages_of_a_conversation_go_with_it(tenant, admin_user, owner_connection):
    with tenant_scope(tenant.pk):
        old = Conversation.objects.create(owner=admin_user, title="Old")
        Message.objects.create(conversation=old, author="person", text="Hello")
        Conversation.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=400))
        young = Conversation.objects.create(owner=admin_user, title="Young")
        Message.objects.create(conversation=young, author="person", text="Hello")
    assert clear("conversations") >= 1
    with tenant_scope(tenant.pk):
        assert [row.conversation_id for row in Message.objects.all()] == [young.pk]


def test_what_is_old_can_be_locked_and_deleted_and_not_changed(tenant, admin_user):
    with tenant_scope(tenant.pk):
        old = Conversation.objects.create(owner=admin_user, title="Old")
        Conversation.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=400))
    with connections["scheduler"].cursor() as cursor:
        cursor.execute("SELECT id FROM chat_conversation WHERE id = %s FOR UPDATE", [old.pk])
        assert cursor.fetchall() == [(old.pk,)]
        with pytest.raises(ProgrammingError, match="row-level security"):
            cursor.execute("UPDATE chat_conversation SET id = id WHERE id = %s", [old.pk])
        cursor.execute("DELETE FROM chat_conversation WHERE id = %s", [old.pk])
        assert cursor.rowcount == 1


@pytest.mark.parametrize("kept", RULES.values(), ids=RULES)
def test_every_rule_can_be_counted_and_carried_out(kept):
    assert due(kept) >= 0
    assert forget(kept, lambda progress: None, rest=0) >= 0
    assert due(kept) == 0


def test_writers_hardly_wait_while_thousands_of_rows_go(tenant, make_runs, owner_connection):
    """The longest wait of a writer is that of one small step, not that of the whole."""
    make_runs(2_000, 10, items=0)
    young = make_runs(200, 1)
    owner_connection.execute("ANALYZE engine_execution, engine_stepresult")
    steps: list[float] = []
    done = threading.Event()
    gone: list[int] = []

    def work() -> None:
        last = time.monotonic()

        def tell(progress) -> None:
            nonlocal last
            steps.append(time.monotonic() - last)
            last = time.monotonic()

        try:
            gone.append(forget(RULES["dull_runs"], tell, rest=0))
        finally:
            connections.close_all()
            done.set()

    threading.Thread(target=work).start()
    waits: list[float] = []
    while not done.is_set():
        moment = time.monotonic()
        with tenant_scope(tenant.pk):
            Execution.objects.filter(pk=young[len(waits) % 200]).update(items=2)
        waits.append(time.monotonic() - moment)
    assert gone == [2_000]
    assert max(waits) < 2
    assert len(steps) > 2
    assert max(steps) < 2


def test_the_command_shows_what_would_go_and_deletes_it(tenant, make_runs, capsys):
    make_runs(3, 100)
    call_command("retention", "runs", "--show")
    assert "runs (runs with their journal, 90 days): 3 would go" in capsys.readouterr().out
    call_command("retention", "runs")
    assert "3 gone" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no kind “coffee”"):
        call_command("retention", "coffee")


def test_a_kind_that_does_not_exist_is_refused_in_the_settings(settings):
    settings.RETENTION_DAYS = dict.fromkeys(RULES, 100)
    assert {kept.rule.days for kept in rules()} == {100, 365}
    settings.RETENTION_DAYS = {"coffee": 3}
    with pytest.raises(CommandError, match="coffee"):
        call_command("retention", "--show")
