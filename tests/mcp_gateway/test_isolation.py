"""No tool shows or changes another tenant's things, and none works without its scope (SEC-01).

The tests walk the registry, so that a new tool is tested the day it is added: every argument that names a thing has to
be in THINGS, and every tool that a thing is named to has to answer as if there were none.
"""

from __future__ import annotations

from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference

from apps_engine.store.models import App, Effect, Execution
from decommerce.community.models import Member, Mission, Notification, OutboundMessage, Post, Room
from decommerce.community.services.members import NewMember, join
from decommerce.community.services.posts import create_post
from decommerce.community.services.rooms import create_room
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import SCOPES
from mcp_gateway.tools import TOOLS, Tool
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("SEC-01")

# Arguments that name a thing of a community; `definition` and the like bring things along.
THINGS = ("app", "run", "call", "room_id", "author_id", "parent_id", "to", "message")
# Answers that say that there is no such thing.
NONE = {
    "app": "app_not_found",
    "run": "run_not_found",
    "room_id": "room_not_found",
    "author_id": "author_not_found",
    "parent_id": "parent_not_found",
    "message": "not_found",
}
# What a call needs besides to come as far as the tenant's data.
MORE = {
    "update_app": {"definition": short_list(name="Stolen")},
    "settle_call": {"call": 1, "outcome": "done"},
    "settle_message": {"outcome": "arrived"},
    "create_post": {"body": "Stolen"},
}
NAMING = [
    (tool.name, thing) for tool in TOOLS for thing in THINGS if thing in tool.Input.model_fields and thing in NONE
]
# A read without arguments that names nothing to read.
NEED_SOMETHING = {"get_app_logs", "dry_run_app", "backtest_app", "preview_app", "explain_app"}
READING = [
    tool
    for tool in TOOLS
    if tool.kind == "read" and not tool.input_schema().get("required") and tool.name not in NEED_SOMETHING
]
# No thing of a community, whatever its name.
PLAIN = {"after", "expected_version", "limit", "per_minute", "runs", "wait_seconds", "xp_reward", "posts", "days"}


@pytest.fixture
def theirs(make_agent, other_tenant) -> dict[str, Any]:
    """Things of the other tenant: an app that has run, a room, a member with a post."""
    agent = make_agent(other_tenant)
    app = agent.result("create_app", definition=short_list(name="Their secret app"))
    run = agent.result("run_app", app=app["id"])
    with tenant_scope(other_tenant.pk):
        member = join(NewMember("Their secret member"))
        room = create_room("Their secret room")
        mail = OutboundMessage.objects.create(
            channel="email",
            to_address="Their secret address",
            message_id="<1@example.org>",
            idem_key="1",
            state="unknown",
        )
        post = create_post(author_id=member.pk, body="Their secret post")
    numbers = {
        "app": app["id"],
        "run": run["id"],
        "room_id": room.pk,
        "author_id": member.pk,
        "parent_id": post.pk,
        "message": mail.pk,
    }
    return {**numbers, "name": app["name"]}


def test_every_number_that_a_tool_takes_is_in_the_walk():
    for tool in TOOLS:
        properties = tool.input_schema().get("properties", {})
        numbers = {name for name, schema in properties.items() if '"integer"' in str(schema).replace("'", '"')}
        assert numbers <= {*THINGS, *PLAIN}, tool.name
    assert len(NAMING) >= 20


@pytest.mark.parametrize(("tool", "thing"), NAMING, ids=[f"{tool}-{thing}" for tool, thing in NAMING])
def test_another_tenants_thing_is_the_same_as_none(agent, theirs, other_tenant, tool, thing):
    before = snapshot(other_tenant)
    refused = agent.refusal(tool, **{thing: theirs[thing]}, **MORE.get(tool, {}))
    assert refused["code"] == NONE[thing]
    assert snapshot(other_tenant) == before
    if thing == "app":
        assert agent.refusal(tool, app=theirs["name"], **MORE.get(tool, {}))["code"] == NONE[thing]


def test_another_tenants_members_are_told_nothing(agent, theirs, other_tenant):
    sent = agent.result("send_notification", to=theirs["author_id"], title="Stolen")
    assert (sent["notified"], sent["outcomes"]) == (0, {"not_found": 1})
    with tenant_scope(other_tenant.pk):
        assert not Notification.objects.exists()


@pytest.mark.parametrize("tool", READING, ids=lambda tool: tool.name)
def test_no_reading_tool_shows_another_tenants_things(agent, theirs, tool):
    answer = agent.call(tool.name)
    assert not answer.is_error, answer.content
    assert "Their secret" not in answer.content[0].text


@pytest.mark.parametrize("uri", ["decommerce://apps/{app}", "decommerce://apps/{name}", "decommerce://runs/{run}"])
def test_no_resource_is_another_tenants(agent, theirs, uri):
    with pytest.raises(MCPError, match="not found"):
        agent.ask(lambda client: client.read_resource(uri.format(**theirs).replace(" ", "%20")))


def test_no_name_of_another_tenants_app_is_completed(agent, theirs):
    reference = PromptReference(type="ref/prompt", name="debug_app")
    found = agent.ask(lambda client: client.complete(reference, {"name": "app", "value": "Their"}))
    assert found.completion.values == []


@pytest.mark.requirement("MCP-01")
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_no_tool_works_without_its_scope(make_agent, tenant, tool: Tool):
    agent = make_agent(tenant, set(SCOPES) - {tool.scope})
    assert tool.name not in {listed.name for listed in agent.ask(lambda client: client.list_tools()).tools}
    assert agent.refusal(tool.name, **(tool.example or {}))["code"] == "permission_refused"


def snapshot(tenant: Any) -> list[Any]:
    """Everything that tools could change."""
    models = (App, Execution, Effect, Post, Member, Mission, Room, Notification, OutboundMessage)
    with tenant_scope(tenant.pk):
        return [list(model.objects.order_by("pk").values()) for model in models]
