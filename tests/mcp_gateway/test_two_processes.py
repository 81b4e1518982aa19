"""Two web processes behind one address: a session of the older era goes on in whichever hears of it (MCP-01)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

from apps_engine.services.offering import offer_as_tool
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from mcp_gateway.confirmation import QUESTION
from tests.apps_engine.api.definitions import short_list
from tests.mcp_gateway.conftest import OLDER, key_of
from tests.web_server import WebServer, web_server

pytestmark = pytest.mark.requirement("MCP-01")
PATIENCE_SECONDS = 30


class TakingTurns(httpx2.AsyncBaseTransport):
    """Sends one request to the one process, the next to the other."""

    def __init__(self, urls: list[str]) -> None:
        self._ports = [httpx2.URL(url).port for url in urls]
        self._turn = count()
        self._transport = httpx2.AsyncHTTPTransport()
        self.sent: list[int] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        port = self._ports[next(self._turn) % len(self._ports)]
        self.sent.append(port)
        request.url = request.url.copy_with(port=port)
        request.headers["Host"] = f"127.0.0.1:{port}"
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@pytest.fixture(scope="module")
def second(database, service_environment, tmp_path_factory) -> Iterator[WebServer]:
    with web_server(service_environment, tmp_path_factory.mktemp("second") / "log") as running:
        yield running


@pytest.fixture
def hold(server, second):
    """What a talk over both processes comes to."""

    def holding(secret: str, talk: Any, **callbacks: Any) -> Any:
        async def held() -> Any:
            transport = TakingTurns([server.url, second.url])
            headers = {"Authorization": f"Bearer {secret}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS, transport=transport) as http,
                Client(streamable_http_client(server.mcp_url, http_client=http), mode=OLDER, **callbacks) as client,
            ):
                result = await talk(client)
            assert len(set(transport.sent)) == 2
            return result

        return asyncio.run(held())

    return holding


def test_a_session_goes_on_in_either(hold, tenant):
    async def talk(client: Client) -> list[Any]:
        made = await client.call_tool("create_app", {"definition": short_list()})
        return [made, *[await client.call_tool("list_apps", {}) for _ in range(4)]]

    made, *lists = hold(key_of(tenant), talk)
    assert not made.is_error
    assert [[app["name"] for app in page.structured_content["apps"]] for page in lists] == [["Short list"]] * 4


def test_a_question_is_answered_whichever_process_hears_the_answer(hold, tenant):
    async def agree(*_: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={QUESTION: True})

    async def talk(client: Client) -> list[Any]:
        names = [f"Short list {number}" for number in range(3)]
        return [await client.call_tool("create_app", {"definition": short_list(name)}) for name in names]

    answers = hold(key_of(tenant, confirms=True), talk, elicitation_callback=agree)
    assert [answer.is_error for answer in answers] == [False] * 3
    with tenant_scope(tenant.pk):
        assert App.objects.count() == 3


def test_a_session_hears_of_changes_through_the_process_that_holds_its_stream(hold, tenant):
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(message: Any) -> None:
        await heard.put(getattr(getattr(message, "root", message), "method", ""))

    async def talk(client: Client) -> str:
        made = await client.call_tool("create_app", {"definition": short_list()})
        await asyncio.to_thread(_offer, tenant, made.structured_content["id"])
        return await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)

    assert hold(key_of(tenant), talk, message_handler=hear) == "notifications/tools/list_changed"


@pytest.mark.requirement("SEC-01")
def test_a_session_ends_in_both_and_is_nobody_elses_in_either(server, second, tenant, other_tenant):
    secret = key_of(tenant)
    greeting = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}

    def ask(url: str, key: str, session: str | None, method: str, params: dict | None = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream"}
        headers |= {"Mcp-Session-Id": session} if session else {}
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        return httpx2.post(f"{url}/mcp", headers=headers, json=message, timeout=PATIENCE_SECONDS)

    session = ask(server.url, secret, None, "initialize", greeting).headers["Mcp-Session-Id"]
    assert ask(second.url, key_of(other_tenant), session, "tools/list").status_code == 404
    assert ask(second.url, key_of(tenant), session, "tools/list").status_code == 404
    assert ask(second.url, secret, session, "tools/list").status_code == 200
    headers = {"Authorization": f"Bearer {secret}", "Mcp-Session-Id": session}
    assert httpx2.delete(f"{second.url}/mcp", headers=headers, timeout=PATIENCE_SECONDS).status_code == 200
    assert ask(server.url, secret, session, "tools/list").status_code == 404
    assert ask(second.url, secret, session, "tools/list").status_code == 404


def _offer(tenant: Any, app_id: int) -> None:
    with tenant_scope(tenant.pk):
        offer_as_tool(system_principal(tenant.pk, "the test"), app_id, True)
