"""Keys whose changes a person confirms: asked by elicitation, in either era of the protocol (MCP-05, SEC-06)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
import requests
from mcp.types import ElicitRequestFormParams, ElicitResult

from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.definitions import short_list
from tests.mcp_gateway.agents import Agent
from tests.mcp_gateway.conftest import ERAS, key_of

pytestmark = pytest.mark.requirement("MCP-05")
YES = ElicitResult(action="accept", content={"confirm": True})
NO = [
    ElicitResult(action="accept", content={"confirm": False}),
    ElicitResult(action="decline"),
    ElicitResult(action="cancel"),
]


class Person:
    """Somebody who is asked, and what they answer."""

    def __init__(self, answer: ElicitResult) -> None:
        self.answer = answer
        self.questions: list[str] = []

    async def __call__(self, _: Any, params: ElicitRequestFormParams) -> ElicitResult:
        self.questions.append(params.message)
        return self.answer


@pytest.fixture(params=ERAS)
def mode(request) -> str:
    """Both eras of the protocol."""
    return request.param


@pytest.fixture
def careful(server, tenant, mode):
    """An agent whose key wants confirmations, and the person it asks."""
    secret = key_of(tenant, confirms=True)

    def make(person: Person | None) -> Agent:
        callbacks = {} if person is None else {"elicitation_callback": person}
        return Agent(server.mcp_url, secret, mode, **callbacks)

    return make


def apps_of(tenant: Any) -> int:
    with tenant_scope(tenant.pk):
        return App.objects.count()


def test_a_change_is_made_once_the_person_says_yes_to_what_it_does(careful, tenant):
    person = Person(YES)
    made = careful(person).result("create_app", definition=short_list())
    assert made["status"] == "active"
    assert apps_of(tenant) == 1
    (question,) = person.questions
    assert question.startswith("Create an app?")
    assert "Short list" in question


@pytest.mark.parametrize("answer", NO, ids=["unticked", "declined", "cancelled"])
def test_without_a_yes_nothing_changes(careful, tenant, answer):
    assert careful(Person(answer)).refusal("create_app", definition=short_list())["code"] == "not_confirmed"
    assert apps_of(tenant) == 0


def test_a_client_that_cannot_ask_is_refused_and_may_still_read(careful, tenant):
    agent = careful(None)
    assert agent.refusal("create_app", definition=short_list())["code"] == "confirmation_required"
    assert agent.result("list_apps")["total"] == 0
    assert apps_of(tenant) == 0


def test_nobody_is_asked_about_what_could_not_be_done_anyway(careful):
    person = Person(YES)
    assert careful(person).refusal("create_app", definitoin={})["code"] == "invalid_arguments"
    assert person.questions == []


def test_whoever_writes_the_arguments_cannot_hide_what_they_say(careful):
    person = Person(NO[1])
    careful(person).refusal("pause_app", app="x\u202e\u0007\u2066y")
    assert not set("\u202e\u0007\u2066") & set(person.questions[0])


def test_a_long_argument_pushes_no_other_one_out_of_sight(careful):
    person = Person(NO[1])
    careful(person).refusal("send_notification", body="Good news. " * 800, title="News", to="everyone")
    assert 'to: "everyone"' in person.questions[0]
    assert "characters are not shown here" in person.questions[0]
    assert len(person.questions[0]) < 1_000


def test_such_a_key_changes_nothing_by_rest(server, tenant):
    headers = {"Authorization": f"Bearer {key_of(tenant, confirms=True)}"}
    assert requests.get(f"{server.url}/api/v1/apps", headers=headers, timeout=10).status_code == 200
    refused = requests.post(f"{server.url}/api/v1/apps", headers=headers, json={"definition": short_list()}, timeout=10)
    assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_required")
    assert apps_of(tenant) == 0


# What the newer era carries from the question to the change.
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
}
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "create_app",
}
ANSWERED = {"confirm": {"action": "accept", "content": {"confirm": True}}}


@pytest.fixture
def send(server, tenant):
    """POST one call of create_app of the newer era as it is."""
    secret = key_of(tenant, confirms=True)

    def post(name: str, key: str = secret, **more: Any) -> dict:
        params = {"name": "create_app", "arguments": {"definition": short_list(name)}, "_meta": META, **more}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        headers = {**HEADERS, "Authorization": f"Bearer {key}"}
        return httpx2.post(server.mcp_url, json=message, headers=headers, timeout=30).json()

    return post


def test_a_yes_is_good_for_what_was_asked_and_for_the_key_that_asked(send, tenant):
    state = send("Asked")["result"]["requestState"]
    other = send("Another", inputResponses=ANSWERED, requestState=state)
    stolen = send("Asked", key_of(tenant, confirms=True), inputResponses=ANSWERED, requestState=state)
    forged = send("Asked", inputResponses=ANSWERED, requestState="c0ffee")
    assert {answer["error"]["code"] for answer in (other, stolen, forged)} == {-32602}
    assert send("Asked", inputResponses=ANSWERED)["result"]["resultType"] == "input_required"
    assert apps_of(tenant) == 0


def test_a_yes_is_good_once(send, tenant):
    state = send("Asked")["result"]["requestState"]

    async def twice() -> list[dict]:
        calls = [asyncio.to_thread(send, "Asked", inputResponses=ANSWERED, requestState=state) for _ in range(4)]
        return await asyncio.gather(*calls)

    answers = [answer["result"] for answer in asyncio.run(twice())]
    refused = {answer["structuredContent"]["code"] for answer in answers if answer.get("isError")}
    assert refused <= {"request_in_progress"}
    assert apps_of(tenant) == 1
