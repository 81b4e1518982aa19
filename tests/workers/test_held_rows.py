"""What a run holds while it is at work: nobody else waits for it (docs/execution.md 5 and 6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connections

from apps_engine.services import execute
from apps_engine.services.apps import create_app
from apps_engine.services.engine.work import FencedWork
from apps_engine.services.ingest import ingest
from apps_engine.services.tick import tick
from apps_engine.store.claims import claim
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.scheduling import TELL, due_since
from tests.apps_engine.services.test_ingest import event
from tests.waiting import until
from tests.workers.community import new_member
from workers.heartbeat import Heartbeat
from workers.runner import run_here, run_hinted
from workers.sweep import end_exhausted

pytestmark = pytest.mark.usefixtures("quiet")
TRIGGER = {"type": "event", "event": "post.created"}
LATER = {"id": "later", "act": "schedule_task", "params": {"flow": "remind", "delay": "2h", "data": {}}}
KEEP = {"id": "keep", "act": "state_update", "params": {"data": {"n": 1}}}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def _run(ids: list[int]) -> int:
    try:
        return run_hinted(ids)
    finally:
        connections.close_all()


@pytest.mark.requirement("RUN-04")
@pytest.mark.parametrize(
    ("before", "after", "table"), [([LATER], [], "engine_quotause"), ([], [KEEP], "engine_execution")]
)
def test_nobody_waits_for_the_quota_or_the_row_of_a_run_that_waits_itself(
    tenant, principal, database, owner_connection, executions, before: list[Any], after: list[Any], table: str
):
    person = new_member(tenant)
    award = {"id": "award", "act": "award_xp", "params": {"member_id": person, "amount": 5, "reason": "x"}}
    flows = {"main": {"steps": [*before, award, *after]}, "remind": {"steps": [TELL]}}
    with tenant_scope(tenant.pk):
        create_app(principal, definition([], TRIGGER, flows=flows))
    runs = ingest([event(tenant)]).executions
    with psycopg.connect(database) as other, ThreadPoolExecutor(1) as threads:
        other.execute("SELECT FROM community_member WHERE id = %s FOR UPDATE", [person])
        ran = threads.submit(_run, runs)
        until(lambda: owner_connection.execute(WAITING).fetchone() == (1,), "the run waits")
        assert owner_connection.execute(f"SELECT id FROM {table} FOR UPDATE NOWAIT").rowcount
        other.rollback()
        assert ran.result() == 1
    assert executions()[0].state == "succeeded"


@pytest.mark.requirement("RUN-04")
def test_a_commit_keeps_the_lease_from_its_own_moment_on_however_long_its_transaction_was_open(
    start_runs, executions, owner_connection
):
    start_runs()
    (claimed,) = claim("a worker", 1, [run.pk for run in executions()])
    work = FencedWork(claimed)
    work.open()
    (begun,) = owner_connection.execute("SELECT clock_timestamp() + interval '30 seconds'").fetchone()
    work.commit(30)
    assert executions()[0].lease_until >= begun


@pytest.mark.requirement("TRG-01")
def test_a_tick_fires_the_schedules_of_others_while_somebody_holds_what_one_needs(
    tenant, other_tenant, principal, database
):
    source = definition([TELL], {"type": "scheduled", "cron": "0 * * * *"})
    for who in (principal, system_principal(other_tenant.pk, "the test")):
        with tenant_scope(who.tenant_id):
            create_app(who, source)
    for community in (tenant, other_tenant):
        due_since(community, 1)
    with psycopg.connect(database) as other:
        other.execute("SELECT FROM engine_app WHERE tenant_id = %s FOR UPDATE", [tenant.pk])
        assert tick() == 1
    assert tick() == 1


@pytest.mark.requirement("RUN-06")
def test_a_sweep_does_not_wait_for_a_run_that_somebody_has_in_hand(start_runs, executions, owner_connection, database):
    start_runs(retry={"max_attempts": 1})
    claim("a worker that dies", 1, [run.pk for run in executions()])
    owner_connection.execute("UPDATE engine_execution SET lease_until = now() - interval '1 second'")
    with psycopg.connect(database) as other:
        other.execute("SELECT FROM engine_execution FOR UPDATE")
        end_exhausted()
        assert executions()[0].state == "running"
    end_exhausted()
    assert executions()[0].state == "dead"


@pytest.mark.requirement("TRG-08")
def test_who_takes_events_in_leaves_telling_many_to_a_worker(tenant, principal, executions, told, monkeypatch):
    monkeypatch.setattr(execute, "ROWS_ON_THE_SPOT", 1)
    people = [new_member(tenant) for _ in range(2)]
    tell = {"id": "tell", "act": "send_notification", "params": {"to": people, "title": "{{ run.id | to_text }}"}}
    with tenant_scope(tenant.pk):
        create_app(principal, definition([tell], TRIGGER))
    run_here(ingest([event(tenant)], "the consumer").claimed, Heartbeat())
    (run,) = executions()
    assert (run.state, run.attempt, run.usage) == ("queued", 0, {})
    assert told() == []
    run_hinted([run.pk])
    assert told() == [run.pk] * 2
