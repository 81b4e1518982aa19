"""The wall between tenants, looked at from the catalogue of the database itself (SEC-01)."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection, connections, transaction

from decommerce.tenancy.context import NoTenant, tenant_scope
from decommerce.tenancy.isolation import tenant_models
from decommerce.tenancy.models import AuditEntry, Membership, TenantForeignKey

pytestmark = pytest.mark.requirement("SEC-01")


def test_every_table_with_a_tenant_has_forced_row_level_security_and_a_policy(owner_connection):
    rows = owner_connection.execute("""
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
               (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    """).fetchall()
    assert {row[0] for row in rows} >= {model._meta.db_table for model in tenant_models()}
    assert [row[0] for row in rows if row[1:] != (True, True, 1)] == []


def test_every_policy_of_the_runtime_compares_with_the_tenant_in_scope(owner_connection):
    expressions = owner_connection.execute("""
        SELECT tablename, qual, with_check FROM pg_policies WHERE policyname = 'tenant_isolation'
    """).fetchall()
    assert expressions
    for _, using, check in expressions:
        assert using == check
        assert "app.tenant_id" in using


def test_every_reference_inside_a_tenant_is_composite(owner_connection):
    keys = owner_connection.execute("""
        SELECT conrelid::regclass::text, array_length(conkey, 1),
               (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]),
               (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[2])
        FROM pg_constraint WHERE contype = 'f'
    """).fetchall()
    composite = {(table, second) for table, length, first, second in keys if length == 2 and first == "tenant_id"}
    wanted = {
        (model._meta.db_table, field.column)
        for model in tenant_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey)
    }
    assert wanted <= composite


def test_every_row_is_held_to_a_tenant_that_exists_by_a_reference_or_by_the_policy_alone(owner_connection):
    held = {
        table
        for (table,) in owner_connection.execute("""
            SELECT conrelid::regclass::text FROM pg_constraint
            WHERE contype = 'f' AND confrelid = 'tenancy_tenant'::regclass AND convalidated
        """)
    }
    implied = {
        model._meta.db_table
        for model in tenant_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey) and not field.null
    }
    by_policy = {model._meta.db_table for model in tenant_models() if model.policy_only}
    assert by_policy == {"community_outboxevent", "engine_eventinbox", "engine_effect"}
    assert {model._meta.db_table for model in tenant_models()} == held | implied | by_policy
    assert not held & (implied | by_policy)


def test_no_plain_reference_leads_from_one_tenants_table_to_another():
    isolated = {model._meta.db_table for model in tenant_models()}
    for model in tenant_models():
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model._meta.db_table in isolated:
                assert isinstance(field, TenantForeignKey), f"{model.__name__}.{field.name} must be a TenantForeignKey"


@pytest.mark.parametrize("role", ["decommerce_runtime", "decommerce_scheduler"])
def test_no_role_of_the_platform_owns_or_bypasses_anything(owner_connection, role):
    row = owner_connection.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    owned = owner_connection.execute(
        "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)", [role]
    ).fetchone()
    assert row == (False, False, False, False)
    assert owned == (0,)


def test_the_processes_sign_in_as_these_roles():
    users = {}
    for alias in ("default", "scheduler"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_user")
            users[alias] = cursor.fetchone()[0]
    assert users == {"default": "decommerce_runtime", "scheduler": "decommerce_scheduler"}


def test_a_tenant_sees_and_changes_its_own_rows_only(tenant, other_tenant, make_person):
    make_person(tenant)
    make_person(other_tenant)
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM tenancy_membership")
        assert cursor.fetchall() == [(tenant.pk,)]
        cursor.execute("UPDATE tenancy_membership SET role = 'member'")
        assert cursor.rowcount == 1
        cursor.execute("DELETE FROM tenancy_membership WHERE tenant_id = %s", [other_tenant.pk])
        assert cursor.rowcount == 0
    with tenant_scope(other_tenant.pk):
        assert Membership.objects.get().role == "owner"


def test_a_row_of_another_tenant_cannot_be_written(tenant, other_tenant, admin_user):
    statement = "INSERT INTO tenancy_membership (tenant_id, user_id, role, created_at) VALUES (%s, %s, 'owner', now())"
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        tenant_scope(tenant.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [other_tenant.pk, admin_user.pk])


def test_no_row_is_visible_without_a_tenant(tenant, admin_user):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenancy_membership")
        assert cursor.fetchone() == (0,)
    with pytest.raises(NoTenant):
        Membership.objects.count()


def test_the_setting_ends_with_the_transaction(tenant, admin_user):
    with tenant_scope(tenant.pk):
        assert Membership.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenancy_membership")
        assert cursor.fetchone() == (0,)


def test_a_scope_refuses_another_tenants_scope_inside(tenant, other_tenant):
    with tenant_scope(tenant.pk), pytest.raises(NoTenant), tenant_scope(other_tenant.pk):
        pass


@pytest.mark.requirement("SEC-05")
def test_the_audit_log_can_be_added_to_and_not_changed(tenant, principal, owner_connection):
    with tenant_scope(tenant.pk):
        entry = AuditEntry.objects.create(actor_kind="system", actor_label="x", verb="test.done", target="none")
    with tenant_scope(tenant.pk), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(verb="forged")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner_connection.execute("DELETE FROM tenancy_auditentry WHERE id = %s", [entry.pk])


def test_a_hook_after_the_commit_enters_a_scope_of_its_own(tenant, admin_user):
    seen = []

    def look() -> None:
        with tenant_scope(tenant.pk):
            seen.append(Membership.objects.count())

    with tenant_scope(tenant.pk):
        transaction.on_commit(look)
    assert seen == [1]
