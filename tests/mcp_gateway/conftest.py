"""One web process for the tests of this folder, and agents with keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import create_key
from decommerce.tenancy.principal import SCOPES, system_principal
from tests.mcp_gateway.agents import Agent
from tests.web_server import WebServer, web_server

# 2026-07-28, and the handshake before it.
NEWER, OLDER = "auto", "legacy"
ERAS = (NEWER, OLDER)


@pytest.fixture(scope="session")
def server(database, service_environment, tmp_path_factory) -> Iterator[WebServer]:
    """A web process on this test process's database."""
    with web_server(service_environment, tmp_path_factory.mktemp("web") / "log") as running:
        yield running


@pytest.fixture
def mode() -> str:
    """The newer era of the protocol. Tests of what differs between the eras have a fixture of both instead."""
    return NEWER


def key_of(tenant: Any, scopes: Any = SCOPES, **options: Any) -> str:
    """The secret of a new key."""
    with tenant_scope(tenant.pk):
        return create_key(system_principal(tenant.pk, "the test"), "Agent", scopes, **options)[1]


@pytest.fixture
def make_agent(server, mode) -> Callable[..., Agent]:
    """An agent of a tenant with some scopes."""
    return lambda tenant, scopes=SCOPES: Agent(server.mcp_url, key_of(tenant, scopes), mode)


@pytest.fixture
def agent(make_agent, tenant) -> Agent:
    """An agent of `tenant` that may do everything."""
    return make_agent(tenant)
