"""Database connections are given back, however many agents call at once (issue: no leaked connections)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests
from django.db import connection

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import ApiKey
from tests.apps_engine.api.definitions import short_list
from tests.mcp_gateway.agents import Agent, connected
from tests.mcp_gateway.conftest import ERAS, key_of
from tests.web_server import web_server

CALLS = 50
POOL = 4


@pytest.fixture(params=ERAS)
def mode(request) -> str:
    """Both eras of the protocol."""
    return request.param


@pytest.fixture
def small_pool(database, service_environment, tmp_path):
    """A web process with a pool of four connections, and the database's sessions before it."""
    environment = {**service_environment, "DECOMMERCE_DATABASE_POOL": str(POOL)}
    before = sessions(database)
    with web_server(environment, tmp_path / "log") as running:
        yield running, before


def sessions(database: str) -> set[int]:
    """Who is signed in to this database as the runtime, the test itself apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
    with psycopg.connect(database, autocommit=True) as owner:
        rows = owner.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'decommerce_runtime'"
        ).fetchall()
    return {row[0] for row in rows} - {mine}


@pytest.mark.requirement("MCP-01")
def test_fifty_calls_at_once_share_a_pool_of_four(database, small_pool, tenant, mode):
    server, before = small_pool
    secret = key_of(tenant)
    app = Agent(server.mcp_url, secret, mode).result("create_app", definition=short_list())

    async def burst() -> list:
        async with connected(server.mcp_url, secret, mode) as client:
            calls = [client.call_tool("get_app", {"app": app["id"]}) for _ in range(CALLS)]
            return await asyncio.gather(*calls)

    for _ in range(2):
        answers = asyncio.run(burst())
        assert [answer.is_error for answer in answers] == [False] * CALLS
    assert len(sessions(database) - before) <= POOL
    with tenant_scope(tenant.pk):
        assert ApiKey.objects.get().last_used_at is not None
    assert "Traceback" not in server.log.read_text()


def test_fifty_rest_requests_at_once_share_the_same_pool(database, small_pool, tenant):
    server, before = small_pool
    headers = {"Authorization": f"Bearer {key_of(tenant)}"}

    def ask(_: int) -> int:
        return requests.get(f"{server.url}/api/v1/apps", headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(CALLS) as callers:
        statuses = list(callers.map(ask, range(2 * CALLS)))
    assert set(statuses) == {200}
    assert len(sessions(database) - before) <= POOL
