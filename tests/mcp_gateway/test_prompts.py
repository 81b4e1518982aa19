"""Prompts, resources of a community, and what the beginning of an argument may become (MCP-04)."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("MCP-04")


def test_there_is_a_prompt_for_each_thing_a_person_begins_with(agent):
    prompts = agent.ask(lambda client: client.list_prompts()).prompts
    assert {prompt.name for prompt in prompts} == {"build_app", "debug_app", "explain_app"}
    assert all(prompt.description and prompt.arguments for prompt in prompts)


def test_a_prompt_names_tools_that_there_are(agent):
    tools = {tool.name for tool in agent.ask(lambda client: client.list_tools()).tools}
    wanted = {"build_app": {"goal": "Welcome people"}, "debug_app": {"app": "X"}, "explain_app": {"app": "X"}}
    for name, arguments in wanted.items():
        (message,) = agent.ask(lambda client, n=name, a=arguments: client.get_prompt(n, a)).messages
        named = {word.strip(".,:;“”") for word in message.content.text.split() if "_" in word}
        assert named <= tools, name
        assert next(iter(arguments.values())) in message.content.text


def test_what_a_prompt_is_given_holds_nothing_hidden_and_is_bounded(agent):
    goal = "a\u202eb\u200b" + "x" * 10_000
    (message,) = agent.ask(lambda client: client.get_prompt("build_app", {"goal": goal})).messages
    assert "\u202e" not in message.content.text
    assert len(message.content.text) < 4_000


@pytest.mark.parametrize(("name", "arguments"), [("build_app", {}), ("nothing", {"app": "x"})])
def test_a_prompt_that_cannot_be_written_out_is_an_error_of_the_protocol(agent, name, arguments):
    with pytest.raises(MCPError):
        agent.ask(lambda client: client.get_prompt(name, arguments))


def test_an_app_and_a_run_are_resources(agent):
    app = agent.result("create_app", definition=short_list("Ünser Digest"))
    run = agent.result("run_app", app=app["id"])
    addresses = [f"apps/{app['id']}", f"apps/{quote('Ünser Digest')}", f"runs/{run['id']}"]
    read = [_document(agent, f"decommerce://{address}") for address in addresses]
    assert [document["id"] for document in read] == [app["id"], app["id"], run["id"]]
    assert read[0]["definition"]["name"] == "Ünser Digest"
    assert read[2]["steps"] == []


@pytest.mark.parametrize("address", ["apps/999999", "runs/x", "runs/" + "9" * 40, "apps/", "nothing", "starters/x/y"])
def test_what_is_not_there_is_not_found(agent, address):
    with pytest.raises(MCPError, match="not found"):
        _document(agent, f"decommerce://{address}")


def test_a_key_without_the_scope_reads_no_app(make_agent, agent, tenant):
    app = agent.result("create_app", definition=short_list())
    stranger = make_agent(tenant, ["data:read"])
    with pytest.raises(MCPError, match="may not do this"):
        _document(stranger, f"decommerce://apps/{app['id']}")


def test_names_of_apps_and_of_ready_made_ones_are_completed(agent):
    agent.result("create_app", definition=short_list("Weekly news"))
    prompt = PromptReference(type="ref/prompt", name="debug_app")
    template = ResourceTemplateReference(type="ref/resource", uri="decommerce://starters/{slug}")
    apps = agent.ask(lambda client: client.complete(prompt, {"name": "app", "value": "week"}))
    slugs = agent.ask(lambda client: client.complete(template, {"name": "slug", "value": "weekly"}))
    assert apps.completion.values == ["Weekly news"]
    assert "weekly-digest" in slugs.completion.values


def _document(agent, uri):
    (content,) = agent.ask(lambda client: client.read_resource(uri)).contents
    return json.loads(content.text)
