"""Ready-made apps through the official client (APP-09, MCP-04)."""

from __future__ import annotations

import json

import pytest
from mcp.shared.exceptions import MCPError

from apps_engine.starters import STARTERS

pytestmark = [pytest.mark.requirement("APP-09"), pytest.mark.requirement("MCP-04")]


def document(agent, uri: str):
    """The JSON of a resource."""
    (content,) = agent.ask(lambda client: client.read_resource(uri)).contents
    assert content.mime_type == "application/json"
    return json.loads(content.text)


def test_the_resource_lists_them_all_with_their_parameters(agent):
    starters = document(agent, "decommerce://starters")["starters"]
    assert [row["slug"] for row in starters] == list(STARTERS)
    digest = next(row for row in starters if row["slug"] == "weekly-digest")
    assert digest["parameters"]["posts"]["maximum"] == 20
    assert "newsletter" in digest["synonyms"]


def test_the_template_leads_to_each(agent):
    template = agent.ask(lambda client: client.list_resource_templates()).resource_templates[0]
    assert template.uri_template == "decommerce://starters/{slug}"
    starter = document(agent, template.uri_template.replace("{slug}", "weekly-digest"))
    assert agent.result("validate_app", definition=starter["definition"])["valid"] is True


@pytest.mark.parametrize("slug", ["nothing", "", "weekly-digest/x", "../../etc/passwd"])
def test_one_that_there_is_not_is_an_error_of_the_protocol(agent, slug):
    with pytest.raises(MCPError, match="not found"):
        agent.ask(lambda client: client.read_resource(f"decommerce://starters/{slug}"))


def test_an_agent_finds_one_looks_at_it_and_makes_an_app_of_it(agent):
    found = agent.result("list_starters", search="a newsletter every week", category="email")["starters"]
    assert found[0]["slug"] == "weekly-digest"
    seen = agent.result("preview_starter", starter="weekly-digest", parameters={"posts": 3})
    assert seen["valid"] is True
    assert any("up to 3 posts" in sentence for sentence in seen["sentences"])
    made = agent.result("create_app_from_starter", starter="weekly-digest", parameters={"posts": 3}, name="Ours")
    assert (made["name"], made["status"], made["definition"]) == (
        "Ours",
        "active",
        {**seen["definition"], "name": "Ours"},
    )


def test_parameters_that_do_not_fit_are_all_told(agent):
    seen = agent.result("preview_starter", starter="weekly-digest", parameters={"posts": 0, "hour": 99})
    assert {problem["path"] for problem in seen["problems"]} == {"/posts", "/hour"}
    refused = agent.call("create_app_from_starter", starter="weekly-digest", parameters={"posts": 0, "hour": 99})
    assert refused.is_error
    assert "parameters_refused" in refused.content[0].text
    assert agent.result("list_apps")["total"] == 0
