"""Every tool, through the official client, in both eras of the protocol (MCP-02, MCP-06)."""

from __future__ import annotations

import json
import urllib.request

import pytest

from apps_engine.services.execute import execute
from apps_engine.services.ingest import ingest
from apps_engine.store.claims import claim
from mcp_gateway.tools import TOOLS
from tests.apps_engine.api.callers import listening
from tests.apps_engine.api.definitions import on_event, short_list, written_post
from tests.mcp_gateway.conftest import ERAS

pytestmark = pytest.mark.requirement("MCP-02")


@pytest.fixture(params=ERAS)
def mode(request) -> str:
    """Both eras of the protocol."""
    return request.param


@pytest.mark.requirement("MCP-05")
def test_tools_say_what_they_do_to_the_platform(agent):
    listed = {tool.name: tool for tool in agent.ask(lambda client: client.list_tools()).tools}
    assert set(listed) == {tool.name for tool in TOOLS}
    assert all(tool.description and tool.title and tool.output_schema for tool in listed.values())
    assert listed["list_apps"].annotations.read_only_hint is True
    assert listed["create_app"].annotations.read_only_hint is False
    assert listed["create_app"].annotations.destructive_hint is False
    assert listed["delete_app"].annotations.destructive_hint is True
    assert listed["pause_app"].annotations.idempotent_hint is True
    assert all(tool.input_schema["additionalProperties"] is False for tool in listed.values())


def test_an_agent_makes_changes_and_deletes_an_app(agent):
    made = agent.result("create_app", definition=short_list())
    assert (made["status"], made["version"]) == ("active", 1)
    assert made["sentences"]
    changed = agent.result("update_app", app=made["id"], definition=short_list(description="New."), expected_version=1)
    assert (changed["version"], changed["description"]) == (2, "New.")
    assert agent.result("pause_app", app="Short list", reason="holidays")["status"] == "paused"
    assert agent.result("resume_app", app="Short list")["status"] == "active"
    assert [app["id"] for app in agent.result("list_apps", search="short")["apps"]] == [made["id"]]
    assert agent.result("delete_app", app=made["id"])["status"] == "deleted"
    assert agent.result("list_apps") == {"apps": [], "next_cursor": None, "total": 0}


@pytest.mark.requirement("TRG-06")
def test_an_agent_sees_where_other_systems_call_an_app_and_never_the_secret(agent, api_key, server):
    app = agent.result("create_app", definition=listening())
    url = f"{server.url}/api/v1/apps/{app['id']}/webhooks/start/secret"
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, b"{}", headers), timeout=20) as answer:
        secret = json.loads(answer.read())["secret"]
    seen = agent.result("get_app", app=app["id"])
    (webhook,) = seen["webhooks"]
    assert (webhook["address"], webhook["ready"]) == (app["webhooks"][0]["address"], True)
    assert secret not in json.dumps(seen)


def test_an_agent_runs_an_app_and_reads_its_log(agent, admin_user):
    app = agent.result("create_app", definition=short_list())
    run = agent.result("run_app", app=app["id"], inputs={"days": 3})
    assert (run["state"], run["inputs"]) == ("queued", {"days": 3})
    for claimed in claim("the test", limit=1, ids=[run["id"]]):
        execute(claimed)
    assert [row["state"] for row in agent.result("get_app_logs", app="Short list")["runs"]] == ["succeeded"]
    (full,) = agent.result("get_app_logs", run=run["id"])["runs"]
    assert [step["kind"] for step in full["steps"]] == ["fetch", "transform"]
    assert [row["id"] for row in agent.result("get_app", app=app["id"])["recent_runs"]] == [run["id"]]


@pytest.mark.requirement("MCP-06")
def test_an_agent_checks_tries_and_explains_a_definition_before_it_is_stored(agent):
    checked = agent.result("validate_app", definition={"name": "Nothing"})
    assert checked["valid"] is False
    assert checked["problems"]
    tried = agent.result("dry_run_app", definition=on_event(), event=written_post("goodbye"))
    assert (tried["would_run"], tried["failed_clause"]["actual"]) == (False, "goodbye")
    explained = agent.result("explain_app", definition=short_list())
    assert explained["sentences"] == agent.result("validate_app", definition=short_list())["sentences"]
    assert agent.result("list_apps")["total"] == 0


@pytest.mark.requirement("MCP-06", "RUN-14")
def test_an_agent_tries_an_app_on_its_own_communitys_past(agent, tenant, other_tenant):
    for number, community in enumerate((tenant, tenant, other_tenant)):
        told = {"specversion": "1.0", "source": "test", "type": "post.created", "tenantid": community.slug}
        time = {"time": "2026-11-21T09:00:00Z", "data": written_post("new boots" if number else "goodbye")}
        ingest([{**told, **time, "id": f"event-{number}"}])
    tried = agent.result("backtest_app", definition=on_event(), days=1)
    (trigger,) = tried["triggers"]
    assert (trigger["events"], tried["started"], tried["rehearsals"]["rehearsed"]) == (2, 1, 1)
    assert trigger["kept_out"][0]["details"]["actual"] == "goodbye"
    app = agent.result("create_app", definition=short_list())
    assert agent.refusal("backtest_app", app=app["id"])["code"] == "nothing_recorded"


@pytest.mark.requirement("MCP-06")
def test_an_agent_tries_and_explains_a_stored_app(agent):
    app = agent.result("create_app", definition=short_list())
    assert agent.result("dry_run_app", app=app["id"])["status"] == "succeeded"
    assert agent.result("explain_app", app="Short list")["sentences"] == app["sentences"]


@pytest.mark.requirement("TRG-11")
def test_an_agent_learns_why_an_app_did_not_run(agent, tenant):
    app = agent.result("create_app", definition=on_event())
    event = {
        "specversion": "1.0",
        "id": "event-9",
        "source": "test",
        "type": "post.created",
        "time": "2026-11-21T09:00:00Z",
        "tenantid": tenant.slug,
        "data": written_post("goodbye"),
    }
    ingest([event])
    (latest,) = agent.result("why_not_run", app=app["id"])["decisions"]
    assert latest["outcome"] == "filtered"
    (judged,) = agent.result("why_not_run", app=app["id"], event_id="event-9")["decisions"]
    assert judged["clause"]["actual"] == "goodbye"


@pytest.mark.requirement("MCP-06")
def test_building_blocks_come_short_and_one_kind_in_full(agent):
    short = agent.result("list_building_blocks")
    assert set(short) == {"connectors", "actions", "events", "transforms", "filters"}
    assert all(set(row) == {"name", "summary"} for rows in short.values() for row in rows)
    full = agent.result("list_building_blocks", kind="connectors")
    assert list(full) == ["connectors"]
    assert all(row["fields"] for row in full["connectors"])


def test_numbers_are_exact_in_text_and_numbers_in_structure(agent):
    steps = [{"id": "rich", "fetch": "shopify_orders", "where": {"total_price": {"gte": 10.1}}, "limit": 5}]
    answer = agent.call("create_app", definition=short_list(flows={"main": {"steps": steps}}))
    assert not answer.is_error, answer.content
    where = answer.structured_content["definition"]["flows"]["main"]["steps"][0]["where"]
    assert "10.1" in json.dumps(where)
    assert "10.1}" in answer.content[0].text


@pytest.mark.requirement("MCP-04")
@pytest.mark.parametrize("name", ["schema/definition", "building-blocks", "events", "enums", "starters"])
def test_resources_are_json_documents(agent, name):
    uri = f"decommerce://{name}"
    assert uri in {str(row.uri) for row in agent.ask(lambda client: client.list_resources()).resources}
    (content,) = agent.ask(lambda client: client.read_resource(uri)).contents
    assert content.mime_type == "application/json"
    assert json.loads(content.text)
