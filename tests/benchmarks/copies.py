"""Thousands of apps in a moment: the rows of one, again and again; judging each definition is not what is timed."""

from __future__ import annotations

from collections.abc import Sequence
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
    'id', nextval(pg_get_serial_sequence('engine_app', 'id')), 'name', 'Copy ' || n || ' of ' || a.id))).*
FROM engine_app a, generate_series(2, %(count)s) n WHERE a.id = %(app)s
"""
# What belongs to an app, and is each copy's own.
_PARTS = {"engine_appversion": "", "engine_schedule": "", "engine_subscription": "",
          "engine_webhookaddress": ", 'digest', encode(sha256(a.id::text::bytea), 'hex')"}  # fmt: skip
_COPY = """
INSERT INTO {table} SELECT (jsonb_populate_record(part, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('{table}', 'id')), 'app_id', a.id{own}))).*
FROM {table} part JOIN engine_app a ON a.name LIKE 'Copy %% of ' || %(app)s::text AND a.tenant_id = part.tenant_id
WHERE part.app_id = %(app)s
"""
YEARLY = {"type": "scheduled", "cron": "0 3 1 1 *"}
# Nobody does these things here: apps that wait for a time, for an event, for a call.
IDLE_TRIGGERS = (YEARLY, {"type": "event", "event": "member.updated", "filter": {"member.level": {"eq": 99}}},
                 {"type": "webhook", "endpoint": "orders"})  # fmt: skip


def yearly_apps(owner: psycopg.Connection, tenant: Tenant, principal: Principal, count: int) -> None:
    """So many apps that run on the first of January, each with its version and schedule."""
    _copy(owner, [_original(tenant, principal, YEARLY)], count)


def idle_apps(owner: psycopg.Connection, tenant: Tenant, principal: Principal, count: int) -> None:
    """So many apps that wait, as many for a time as for an event and for a call from outside."""
    originals = [_original(tenant, principal, trigger) for trigger in IDLE_TRIGGERS]
    _copy(owner, originals, count // len(originals) + 1)


def _original(tenant: Tenant, principal: Principal, trigger: dict[str, Any]) -> int:
    with tenant_scope(tenant.pk):
        member = Member.objects.first().pk
        return create_app(principal, telling_member(member, f"Original {trigger['type']}", trigger)).pk


def _copy(owner: psycopg.Connection, originals: Sequence[int], count: int) -> None:
    """So many of each, with it."""
    for app in originals:
        owner.execute(_APPS, {"app": app, "count": count})
        for table, own in _PARTS.items():
            owner.execute(_COPY.format(table=table, own=own), {"app": app})
    owner.execute("ANALYZE")


def telling_member(member: int, name: str, trigger: dict[str, Any]) -> dict[str, Any]:
    """Tells one member the number of its run; no run waits for another."""
    step = {"id": "tell", "act": "send_notification", "params": {"to": member, "title": "Run {{ run.id | to_text }}"}}
    return definition([step], trigger, name=name, settings={"concurrency": {"mode": "parallel"}})
