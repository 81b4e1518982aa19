"""Forced row level security for every table with a tenant (SEC-01).

Runs after each `manage.py migrate`, is idempotent, and fails closed: the runtime's grants on a table come together with
its policy, so a table that was not isolated cannot be reached at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from decommerce.tenancy.models import TenantForeignKey, TenantModel

RUNTIME = "decommerce_runtime"
SCHEDULER = "decommerce_scheduler"
IN_TENANT = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::bigint"

# What the runtime may do to tables without a tenant, where it is less than everything.
GLOBAL_RIGHTS = {
    "tenancy.Tenant": "SELECT",
    "contenttypes.ContentType": "SELECT",
    "auth.Permission": "SELECT",
    "auth.Group": "SELECT",
    "engine.DeadLetter": "INSERT",
}

APPEND_ONLY_TRIGGER = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('app.retention', true) = 'on' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def tenant_models() -> list[type[TenantModel]]:
    """Every concrete model whose rows belong to a tenant."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def isolate(connection: Any) -> None:
    """Bring every table of the project under its policy and grants."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(APPEND_ONLY_TRIGGER)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {RUNTIME}, {SCHEDULER}")
        isolated = [model for model in tenant_models() if model._meta.db_table in existing]
        for model in isolated:
            for statement in _policy(model):
                cursor.execute(statement)
        for model in isolated:
            _composite_keys(cursor, model)
        for model in apps.get_models(include_auto_created=True):
            if not issubclass(model, TenantModel) and model._meta.db_table in existing:
                cursor.execute(_global_grant(model))
        cursor.execute(f"GRANT SELECT ON django_migrations TO {RUNTIME}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {RUNTIME}")


def _global_grant(model: type[models.Model]) -> str:
    rights = GLOBAL_RIGHTS.get(model._meta.label, "SELECT, INSERT, UPDATE, DELETE")
    return f"REVOKE ALL ON {model._meta.db_table} FROM {RUNTIME}; GRANT {rights} ON {model._meta.db_table} TO {RUNTIME}"


def _policy(model: type[TenantModel]) -> Iterator[str]:
    table = model._meta.db_table
    rights = "SELECT, INSERT" if model.append_only else "SELECT, INSERT, UPDATE, DELETE"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS tenant_isolation ON {table}"
    yield f"CREATE POLICY tenant_isolation ON {table} TO {RUNTIME} USING ({IN_TENANT}) WITH CHECK ({IN_TENANT})"
    yield f"REVOKE ALL ON {table} FROM {RUNTIME}, {SCHEDULER}"
    yield f"GRANT {rights} ON {table} TO {RUNTIME}"
    yield f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_in_tenant ON {table} (tenant_id, {model._meta.pk.column})"
    for setting, column in model.locators.items():
        yield f"DROP POLICY IF EXISTS locate_by_{setting} ON {table}"
        yield (
            f"CREATE POLICY locate_by_{setting} ON {table} FOR SELECT TO {RUNTIME} "
            f"USING ({column}::text = NULLIF(current_setting('app.{setting}', true), ''))"
        )
    if model.append_only:
        yield f"DROP TRIGGER IF EXISTS only_added ON {table}"
        when = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
        yield f"CREATE TRIGGER only_added {when} EXECUTE FUNCTION refuse_change()"
    yield from _scheduler(model)


def _scheduler(model: type[TenantModel]) -> Iterator[str]:
    table = model._meta.db_table
    yield f"DROP POLICY IF EXISTS scheduling ON {table}"
    if model.scheduler_columns:
        yield f"CREATE POLICY scheduling ON {table} TO {SCHEDULER} USING (true) WITH CHECK (true)"
        yield f"GRANT SELECT ({', '.join(model.scheduler_columns)}) ON {table} TO {SCHEDULER}"
    if model.scheduler_updates:
        yield f"GRANT UPDATE ({', '.join(model.scheduler_updates)}) ON {table} TO {SCHEDULER}"


def _composite_keys(cursor: Any, model: type[TenantModel]) -> None:
    table = model._meta.db_table
    for field in model._meta.local_fields:
        if not isinstance(field, TenantForeignKey):
            continue
        target = field.related_model._meta
        name = f"{table}_{field.column}_in_tenant"[:63]
        cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass", [name, table])
        if cursor.fetchone() is None:
            # The ORM deletes dependants itself; the constraint is the wall, checked at commit like Django's own.
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {field.column}) "
                f"REFERENCES {target.db_table} (tenant_id, {target.pk.column}) DEFERRABLE INITIALLY DEFERRED"
            )
