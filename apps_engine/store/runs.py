"""Reading what runs begin with: one by itself, or those of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from apps_engine.store.models import App, AppVersion, Execution
from decommerce.pipelining import send
from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.models import Tenant

_PARTS: Sequence[tuple[str, type[Model]]] = (
    ("execution", Execution),
    ("app", App),
    ("version", AppVersion),
    ("tenant", Tenant),
)
# A version's texts are large, and its plan is kept.
_LEFT_OUT = frozenset({"version.definition", "version.source"})
# One row of each by its key. As plain joins they may be planned as merges that walk through all apps of everybody.
_READ = """
SELECT {columns} FROM engine_execution execution
CROSS JOIN LATERAL (SELECT * FROM engine_app WHERE id = execution.app_id LIMIT 1) app
CROSS JOIN LATERAL (SELECT * FROM engine_appversion WHERE id = execution.version_id LIMIT 1) version
CROSS JOIN LATERAL (SELECT * FROM tenancy_tenant WHERE id = execution.tenant_id LIMIT 1) tenant
WHERE execution.tenant_id = %s AND execution.id = %s
"""
# Each by its key, or all of a tenant's are read where the statistics do not know it.
_READ_MANY = """
SELECT execution.* FROM unnest(%s::bigint[]) AS given (id) CROSS JOIN LATERAL (
    SELECT id, tenant_id, app_id, version_id, flow, trigger_type, trigger_id, trigger, inputs, chain, requested_by,
        session_key, run_at, started_at, fence
    FROM engine_execution WHERE id = given.id LIMIT 1) execution
"""


def send_run(execution_id: int) -> Callable[[], Execution]:
    """Ask for the execution with its app, its version and its tenant; what is returned reads the answer.

    That raises Execution.DoesNotExist. Needs the tenant's scope. The ORM would write the same statement anew for each
    run, which takes longer than the database needs for it.
    """
    rows = send(_statement(), [current_tenant_id(), execution_id])

    def execution() -> Execution:
        found = rows()
        if not found:
            raise Execution.DoesNotExist(f"There is no execution {execution_id}.")
        return _together(found[0])

    return execution


def read_beginning(execution_ids: Sequence[int]) -> dict[int, Execution]:
    """What runs that begin need to know of themselves, by their numbers: nobody has written how they go or end.

    Needs the tenant's scope.
    """
    found = Execution.objects.raw(_READ_MANY, [list(execution_ids)])
    return {execution.pk: execution for execution in found}


def _together(row: Sequence[Any]) -> Execution:
    values = iter(row)
    execution, app, version, tenant = (_instance(name, model, values) for name, model in _PARTS)
    execution.app, execution.version, execution.tenant = app, version, tenant
    run: Execution = execution
    return run


def _instance(name: str, model: type[Model], values: Any) -> Any:
    fields = _fields(name, model)
    own = islice(values, len(fields))
    converted = [_converted(field, value) for field, value in zip(fields, own, strict=True)]
    return model.from_db(connection.alias, [field.attname for field in fields], converted)


def _converted(field: Any, value: Any) -> Any:
    for convert in field.get_db_converters(connection):
        value = convert(value, None, connection)
    return value


@cache
def _fields(name: str, model: type[Model]) -> Sequence[Field]:
    return [field for field in model._meta.concrete_fields if f"{name}.{field.name}" not in _LEFT_OUT]


@cache
def _statement() -> str:
    columns = [f'{name}."{field.column}"' for name, model in _PARTS for field in _fields(name, model)]
    return _READ.format(columns=", ".join(columns))
