"""Statements that travel together, on a real connection."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from django.db import IntegrityError, connection

from decommerce.community.models import Member
from decommerce.pipelining import pipelined, send
from decommerce.tenancy.context import current_tenant_id, tenant_scope

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
