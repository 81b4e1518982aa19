"""Idempotency keys of tools (RUN-05)."""

from __future__ import annotations

import asyncio
from typing import Any

import jsonschema
import pytest

from apps_engine.store.models import App
from decommerce.idempotency.models import KeptAnswer
from decommerce.tenancy.context import tenant_scope
from mcp_gateway.arguments import KEY as ARGUMENT
from mcp_gateway.arguments import declared_input
from mcp_gateway.tools import TOOLS
from tests.apps_engine.api.definitions import short_list
from tests.mcp_gateway.agents import connected
from tests.mcp_gateway.conftest import key_of

pytestmark = pytest.mark.requirement("RUN-05")

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def test_a_call_again_with_its_key_gets_the_first_answer_and_says_so(agent, tenant):
    first, again = (agent.call("create_app", definition=short_list(), idempotency_key=KEY) for _ in range(2))
    assert again.structured_content == first.structured_content
    assert again.content == first.content
    assert (first.meta or {}).get("decommerce/replayed") is None
    assert again.meta["decommerce/replayed"] is True
    assert agent.result("list_apps")["total"] == 1


def test_calls_at_once_with_one_key_make_one_app(server, tenant):
    secret = key_of(tenant)

    async def create() -> Any:
        async with connected(server.mcp_url, secret) as client:
            return await client.call_tool("create_app", {"definition": short_list(), "idempotency_key": KEY})

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(create() for _ in range(10)))

    answers = asyncio.run(all_at_once())
    refused = {answer.structured_content["code"] for answer in answers if answer.is_error}
    assert refused <= {"request_in_progress"}
    assert len({answer.structured_content["id"] for answer in answers if not answer.is_error}) == 1
    with tenant_scope(tenant.pk):
        assert App.objects.count() == 1


def test_a_key_with_other_arguments_is_refused(agent):
    agent.result("create_app", definition=short_list(), idempotency_key=KEY)
    refused = agent.refusal("create_app", definition=short_list(name="Another"), idempotency_key=KEY)
    assert (refused["code"], refused["retryable"]) == ("idempotency_key_reused", False)


def test_a_refused_call_is_judged_anew(agent, tenant):
    assert agent.refusal("create_app", definition={"name": "x"}, idempotency_key=KEY)["problems"]
    with tenant_scope(tenant.pk):
        assert not KeptAnswer.objects.exists()
    assert agent.result("create_app", definition=short_list(), idempotency_key=KEY)["status"] == "active"


@pytest.mark.requirement("SEC-01")
def test_nobody_gets_the_answer_of_another(agent, make_agent, other_tenant):
    other = make_agent(other_tenant)
    apps = [who.result("create_app", definition=short_list(), idempotency_key=KEY)["id"] for who in (agent, other)]
    assert len(set(apps)) == 2


@pytest.mark.parametrize(("key", "code"), [(7, "invalid_arguments"), ("", "bad_idempotency_key")])
def test_a_key_that_cannot_be_used_is_refused(agent, key, code):
    assert agent.refusal("create_app", definition=short_list(), idempotency_key=key)["code"] == code


def test_a_tool_that_only_reads_takes_no_key(agent):
    assert agent.refusal("list_apps", idempotency_key=KEY)["code"] == "invalid_arguments"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_tool_that_changes_something_declares_the_key(tool):
    schema = declared_input(tool)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (ARGUMENT in schema.get("properties", {})) is (tool.kind != "read")
    assert ARGUMENT not in schema.get("required", [])
