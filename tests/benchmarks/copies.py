"""Thousands of apps in a moment: the rows of one, again and again; judging each definition is not what is timed."""

from __future__ import annotations

from typing import Any

import psycopg

from apps_engine.services.apps import create_app
from decommerce.community.models import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal
from tests.apps_engine.services.definitions import definition

_APPS = """
INSERT INTO engine_app SELECT (jsonb_populate_record(a, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('engine_app', 'id')), 'name', 'Copy ' || n))).*
FROM engine_app a, generate_series(2, %(count)s) n WHERE a.id = %(app)s
"""
_VERSIONS = """
INSERT INTO engine_appversion SELECT (jsonb_populate_record(v, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('engine_appversion', 'id')), 'app_id', a.id))).*
FROM engine_appversion v JOIN engine_app a ON a.name LIKE 'Copy %%' AND a.tenant_id = v.tenant_id
WHERE v.app_id = %(app)s
"""
_SCHEDULES = """
INSERT INTO engine_schedule SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('engine_schedule', 'id')), 'app_id', a.id))).*
FROM engine_schedule s JOIN engine_app a ON a.name LIKE 'Copy %%' AND a.tenant_id = s.tenant_id
WHERE s.app_id = %(app)s
"""


def yearly_apps(owner: psycopg.Connection, tenant: Tenant, principal: Principal, count: int) -> None:
    """So many apps that run on the first of January, each with its version and schedule."""
    with tenant_scope(tenant.pk):
        member = Member.objects.first().pk
        app = create_app(principal, telling_member(member, "Original", {"type": "scheduled", "cron": "0 3 1 1 *"})).pk
    for statement in (_APPS, _VERSIONS, _SCHEDULES):
        owner.execute(statement, {"app": app, "count": count})
    owner.execute("ANALYZE")


def telling_member(member: int, name: str, trigger: dict[str, Any]) -> dict[str, Any]:
    """Tells one member the number of its run; no run waits for another."""
    step = {"id": "tell", "act": "send_notification", "params": {"to": member, "title": "Run {{ run.id | to_text }}"}}
    return definition([step], trigger, name=name, settings={"concurrency": {"mode": "parallel"}})
