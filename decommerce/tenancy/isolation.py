"""Forced row level security for every table with a tenant (SEC-01).

Runs after each `manage.py migrate`, is idempotent, and fails closed: the runtime's grants on a table come together with
its policy, so a table that was not isolated cannot be reached at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from decommerce.tenancy.models import Tenant, TenantForeignKey, TenantModel

RUNTIME = "decommerce_runtime"
SCHEDULER = "decommerce_scheduler"
IN_TENANT = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::bigint"

# What the runtime may do to tables without a tenant, where it is less than everything.
GLOBAL_RIGHTS = {
    "tenancy.Tenant": "SELECT",
    "tenancy.Operator": "SELECT",
    "admin.LogEntry": "SELECT, INSERT",
    "contenttypes.ContentType": "SELECT",
    "auth.Permission": "SELECT",
    "auth.Group": "SELECT",
    "engine.DeadLetter": "INSERT, SELECT (digest, times), UPDATE (times, last_at)",
}

# Messages that are nobody's are read and cleared away beside the tenants' own.
SCHEDULER_RIGHTS = {"engine.DeadLetter": "SELECT, DELETE"}

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
            _keys(cursor, model)
        for model in apps.get_models(include_auto_created=True):
            if not issubclass(model, TenantModel) and model._meta.db_table in existing:
                cursor.execute(_global_grant(model))
        cursor.execute(f"GRANT SELECT ON django_migrations TO {RUNTIME}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {RUNTIME}")


def _global_grant(model: type[models.Model]) -> str:
    rights = GLOBAL_RIGHTS.get(model._meta.label, "SELECT, INSERT, UPDATE, DELETE")
    table = model._meta.db_table
    scheduling = SCHEDULER_RIGHTS.get(model._meta.label)
    more = f"; GRANT {scheduling} ON {table} TO {SCHEDULER}" if scheduling else ""
    return f"REVOKE ALL ON {table} FROM {RUNTIME}, {SCHEDULER}; GRANT {rights} ON {table} TO {RUNTIME}{more}"


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
    columns = dict.fromkeys((*model.scheduler_columns, *(name for rule in model.retention for name in rule.read)))
    for policy in ("scheduling", "scheduling_updates", "retention", "retention_locks"):
        yield f"DROP POLICY IF EXISTS {policy} ON {table}"
    if columns:
        yield f"CREATE POLICY scheduling ON {table} FOR SELECT TO {SCHEDULER} USING (true)"
        yield f"GRANT SELECT ({', '.join(columns)}) ON {table} TO {SCHEDULER}"
    if model.scheduler_updates:
        yield f"CREATE POLICY scheduling_updates ON {table} FOR UPDATE TO {SCHEDULER} USING (true) WITH CHECK (true)"
        yield f"GRANT UPDATE ({', '.join(model.scheduler_updates)}) ON {table} TO {SCHEDULER}"
    if model.retention:
        old = " OR ".join(f"({rule.older_than(str(rule.least))})" for rule in model.retention)
        yield f"CREATE POLICY retention ON {table} FOR DELETE TO {SCHEDULER} USING ({old})"
        yield f"GRANT DELETE ON {table} TO {SCHEDULER}"
        if not model.append_only:
            # To lock a row before it goes takes the right to update it; the check refuses every update.
            yield f"CREATE POLICY retention_locks ON {table} FOR UPDATE TO {SCHEDULER} USING ({old}) WITH CHECK (false)"
            yield f"GRANT UPDATE (id) ON {table} TO {SCHEDULER}"


def _keys(cursor: Any, model: type[TenantModel]) -> None:
    """What each of its foreign keys is held to: a row of the same tenant, and the tenant itself where none says so."""
    table = model._meta.db_table
    links = [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]
    for field in links:
        target = field.related_model._meta
        deed, sign = _when_deleted(field)
        referred = f"(tenant_id, {field.column}) REFERENCES {target.db_table} (tenant_id, {target.pk.column}) {deed}"
        _key(cursor, table, f"{table}_{field.column}_in_tenant"[:63], referred, sign)
    if all(field.null for field in links) and not model.policy_only:
        _key(cursor, table, f"{table}_of_tenant"[:63], f"(tenant_id) REFERENCES {Tenant._meta.db_table} (id)", "a")


def _key(cursor: Any, table: str, name: str, referred: str, sign: str) -> None:
    cursor.execute(
        "SELECT confdeltype FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass", [name, table]
    )
    found = cursor.fetchone()
    if found is not None and found[0] in (sign, sign.encode()):
        return
    if found is not None:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    # The ORM deletes dependants itself; the constraint is the wall, checked at commit like Django's own.
    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {referred} DEFERRABLE INITIALLY DEFERRED")


def _when_deleted(field: TenantForeignKey) -> tuple[str, str]:
    """What becomes of a row whose target goes at the end of its time, and how the catalogue of PostgreSQL notes it."""
    if not _goes(field.related_model):
        return "", "a"
    return (f"ON DELETE SET NULL ({field.column})", "n") if field.null else ("ON DELETE CASCADE", "c")


def _goes(model: Any) -> bool:
    """Whether rows of the model go by themselves one day, or with another's."""
    owners = [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey) and not field.null]
    return bool(model.retention) or any(_goes(field.related_model) for field in owners)
