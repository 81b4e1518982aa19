"""Statements that travel together, on a real connection."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from django.db import DataError, IntegrityError, InternalError, ProgrammingError, connection, transaction
from psycopg.pq import TransactionStatus

from decommerce.community.models import Member
from decommerce.pipelining import pipelined, send
from decommerce.tenancy.context import current_tenant_id, tenant_scope
from tests.waiting import until

ADD = "INSERT INTO community_member (id, tenant_id, display_name) VALUES (%s, %s, %s)"


def test_rows_are_there_after_the_end_in_whatever_order_they_are_fetched(scope):
    with pipelined():
        one, two = send("SELECT %s::int", [1]), send("SELECT %s::int", [2])
    assert (two(), one()) == ([(2,)], [(1,)])


def test_a_statement_reads_the_same_when_it_is_planned_already(scope):
    for number in range(4):
        assert send("SELECT %s::int, %s::text", [number, f"no. {number}"])() == [(number, f"no. {number}")]


def test_the_end_raises_the_first_error_as_django_does_and_the_connection_is_whole(tenant):
    def add() -> None:
        with tenant_scope(tenant.pk), pipelined():
            send("SELECT 1", [])
            send(ADD, [1, current_tenant_id(), None])
            send("SELECT 2", [])

    with pytest.raises(IntegrityError, match="null value"):
        add()
    with tenant_scope(tenant.pk):
        assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("statement", "values", "error"),
    [
        ("SELECT 1", [], ZeroDivisionError),
        ("SELECT 1 / %s", [0], DataError),
        ("SELECT %s", [object()], ProgrammingError),
    ],
    ids=["in Python", "in the database", "on the way to it"],
)
@pytest.mark.parametrize("in_scope", [True, False], ids=["after the tenant", "right after BEGIN"])
def test_a_transaction_that_fails_in_a_pipeline_is_undone_and_the_next_one_commits(
    tenant, statement, values, error, in_scope
):
    def fail() -> None:
        with pipelined(), tenant_scope(tenant.pk) if in_scope else transaction.atomic():
            send(statement, values)
            raise ZeroDivisionError

    with pytest.raises((error, ZeroDivisionError)):
        fail()
    assert connection.get_autocommit()
    assert connection.connection.info.transaction_status == TransactionStatus.IDLE
    with tenant_scope(tenant.pk):
        Member.objects.create(display_name="Ada")
    connection.close()
    with tenant_scope(tenant.pk):
        assert Member.objects.count() == 1


def test_one_inside_another_ends_with_it(scope):
    with pipelined():
        with pipelined():
            rows = send("SELECT 1", [])
        with connection.cursor() as cursor:
            cursor.execute("SELECT 2")
    assert rows() == [(1,)]


def test_a_scope_that_is_entered_in_a_pipeline_shows_its_tenants_rows_alone(tenant, other_tenant):
    for owner in (tenant, other_tenant):
        with tenant_scope(owner.pk):
            Member.objects.create(display_name=owner.slug)
    with ExitStack() as scope:
        with pipelined():
            scope.enter_context(tenant_scope(other_tenant.pk))
            rows = send("SELECT display_name FROM community_member", [])
        assert rows() == [(other_tenant.slug,)]


@pytest.mark.requirement("RUN-05")
def test_the_database_ends_a_session_that_falls_silent_behind_a_pipeline(tenant, owner_connection):
    """Its timer runs from the last answer that it owes; whatever else the client says after that stops it."""

    def fall_silent() -> None:
        with tenant_scope(tenant.pk):
            with pipelined():
                send("SELECT set_config('idle_in_transaction_session_timeout', '100ms', false)", [])
                # So the end of the pipeline has to wait for an answer.
                backend = send("SELECT pg_backend_pid() FROM pg_sleep(0.05)", [])
            ((number,),) = backend()
            until(lambda: not _is_there(owner_connection, number), "the session is ended")
            send("SELECT 1", [])

    with pytest.raises(InternalError, match="idle-in-transaction"):
        fall_silent()
    connection.close()


def _is_there(owner_connection, backend: int) -> bool:
    look = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
    return bool(owner_connection.execute(look, [backend]).fetchone()[0])
