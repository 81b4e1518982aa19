"""What agents are refused, and how they learn of it (MCP-01)."""

from __future__ import annotations

import pytest
from mcp.shared.exceptions import MCPError

from apps_engine.api.rates import RATES, spend
from apps_engine.store.models import App
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.keys import authenticate_key
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("MCP-01")


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("get_app", {}, "/app"),
        ("get_app", {"app": None}, "/app"),
        ("get_app", {"app": True}, "/app"),
        ("get_app", {"app": [1]}, "/app"),
        ("get_app", {"app": 1, "runs": "all"}, "/runs"),
        ("get_app", {"app": 1, "runs": 101}, "/runs"),
        ("list_apps", {"limit": "5"}, "/limit"),
        ("list_apps", {"status": "asleep"}, "/status"),
        ("list_apps", {"statuss": "active"}, "/statuss"),
        ("create_app", {"definition": 5}, "/definition"),
        ("run_app", {"app": 1, "inputs": []}, "/inputs"),
        ("create_app", {}, "/definition"),
        ("update_app", {"app": 1, "definition": {}, "expected_version": "2"}, "/expected_version"),
        ("get_app_logs", {}, ""),
        ("dry_run_app", {"app": 1, "definition": {}}, ""),
        ("get_app", {"app": "a\u0000b"}, ""),
    ],
)
def test_arguments_that_do_not_fit_are_named(agent, tool, arguments, path):
    refused = agent.refusal(tool, **arguments)
    assert refused["code"] == "invalid_arguments"
    assert [problem["path"] for problem in refused["problems"]] == [path]


def test_a_mistyped_argument_gets_a_suggestion(agent):
    (problem,) = agent.refusal("list_apps", statuss="active")["problems"]
    assert (problem["code"], problem["hint"]) == ("unknown_argument", "Did you mean `status`?")


@pytest.mark.requirement("APP-01")
def test_a_refused_definition_lists_every_problem_and_nothing_is_stored(agent, tenant):
    steps = [{"id": f"s{number}", "act": f"no_such_action_{number}", "params": {}} for number in range(30)]
    refused = agent.refusal("create_app", definition=short_list(flows={"main": {"steps": steps}}))
    assert refused["code"] == "definition_refused"
    assert refused["hint"]
    assert len({problem["path"] for problem in refused["problems"] if problem["severity"] == "error"}) >= 30
    with tenant_scope(tenant.pk):
        assert not App.objects.exists()


def test_an_unknown_tool_is_an_error_of_the_protocol(agent):
    with pytest.raises(MCPError, match="Did you mean `create_app`"):
        agent.call("create_ap")


def test_an_unknown_resource_is_an_error_of_the_protocol(agent):
    with pytest.raises(MCPError, match="not found"):
        agent.ask(lambda client: client.read_resource("decommerce://secrets"))


def test_a_key_sees_and_uses_only_the_tools_of_its_scopes(make_agent, tenant):
    reader = make_agent(tenant, ["apps:read"])
    listed = {tool.name for tool in reader.ask(lambda client: client.list_tools()).tools}
    assert "list_apps" in listed
    assert not listed & {"create_app", "run_app", "delete_app", "dry_run_app", "backtest_app"}
    for tool, arguments in (("create_app", {"definition": short_list()}), ("run_app", {"app": 1})):
        assert reader.refusal(tool, **arguments)["code"] == "permission_refused"


def test_a_key_that_may_run_apps_cannot_change_them(make_agent, agent, tenant):
    app = agent.result("create_app", definition=short_list())
    runner = make_agent(tenant, ["apps:read", "apps:run"])
    assert runner.result("run_app", app=app["id"])["state"] == "queued"
    assert runner.refusal("pause_app", app=app["id"])["code"] == "permission_refused"


def test_a_spent_budget_is_an_answer_with_the_time_to_wait(agent):
    principal = authenticate_key(agent.secret)
    for _ in range(RATES["write"].amount):
        spend(principal, "write")
    refused = agent.refusal("create_app", definition=short_list())
    assert (refused["code"], refused["retryable"]) == ("rate_limited", True)
    assert 1 <= refused["retry_after"] <= 60
    assert agent.result("list_apps")["total"] == 0


def test_reading_has_a_budget_too(agent):
    principal = authenticate_key(agent.secret)
    for _ in range(RATES["read"].amount):
        spend(principal, "read")
    assert agent.refusal("list_apps")["code"] == "rate_limited"
