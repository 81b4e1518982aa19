"""No tool shows or changes another tenant's things (SEC-01).

The tests walk the registry, so that a new tool is tested the day it is added.
"""

from __future__ import annotations

import pytest

from apps_engine.store.models import App, Execution
from decommerce.tenancy.context import tenant_scope
from mcp_gateway.tools import TOOLS
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("SEC-01")

# What a call needs besides the app to come as far as the tenant's data.
MORE = {"update_app": {"definition": short_list(name="Stolen")}}
WITH_APP = [tool.name for tool in TOOLS if "app" in tool.Input.model_fields]
READING = [tool.name for tool in TOOLS if tool.kind == "read" and not tool.Input.model_json_schema().get("required")]
# A read without arguments that names nothing to read.
NEED_SOMETHING = {"get_app_logs", "dry_run_app", "preview_app", "explain_app"}


@pytest.fixture
def their_app(make_agent, other_tenant) -> dict:
    """An app of the other tenant that has run."""
    agent = make_agent(other_tenant)
    app = agent.result("create_app", definition=short_list(name="Their secret app"))
    agent.result("run_app", app=app["id"])
    return app


def test_the_walk_finds_the_tools():
    assert len(WITH_APP) >= 8
    assert set(READING) >= NEED_SOMETHING


@pytest.mark.parametrize("tool", WITH_APP)
@pytest.mark.parametrize("reference", ["id", "name"])
def test_another_tenants_app_is_the_same_as_none(agent, their_app, other_tenant, tool, reference):
    before = snapshot(other_tenant)
    refused = agent.refusal(tool, app=their_app[reference], **MORE.get(tool, {}))
    assert refused["code"] == "app_not_found"
    assert snapshot(other_tenant) == before


def test_another_tenants_run_is_the_same_as_none(agent, their_app, other_tenant):
    with tenant_scope(other_tenant.pk):
        run = Execution.objects.get()
    assert agent.refusal("get_app_logs", run=run.pk)["code"] == "run_not_found"


@pytest.mark.parametrize("tool", sorted(set(READING) - NEED_SOMETHING))
def test_no_reading_tool_shows_another_tenants_things(agent, their_app, tool):
    answer = agent.call(tool)
    assert not answer.is_error, answer.content
    assert "Their secret" not in answer.content[0].text


def snapshot(tenant) -> list:
    """Everything that tools could change."""
    with tenant_scope(tenant.pk):
        return [list(model.objects.order_by("pk").values()) for model in (App, Execution)]
