"""Runs once more, stopped and settled, by an agent (RUN-05, RUN-13)."""

from __future__ import annotations

import pytest

from apps_engine.store.models import Effect, Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.definitions import short_list

pytestmark = pytest.mark.requirement("RUN-13")


@pytest.fixture
def failed(agent, tenant) -> dict:
    """A run that failed."""
    app = agent.result("create_app", definition=short_list())
    run = agent.result("run_app", app=app["id"])
    error = {"code": "model_busy", "message": "The model was busy.", "hint": ""}
    with tenant_scope(tenant.pk):
        Execution.objects.filter(pk=run["id"]).update(state="failed", error=error)
        Effect.objects.create(
            execution_id=run["id"], idem_key="1", path="main/tell", action="webhook", fence=1, state="unknown"
        )
    return run


def test_an_agent_finds_what_failed_settles_it_and_goes_on(agent, failed):
    (found,) = agent.result("get_app_logs", app="Short list", states=["failed", "dead"])["runs"]
    assert (found["id"], found["error"]["code"]) == (failed["id"], "model_busy")
    assert agent.result("get_app_logs", app="Short list", states=["succeeded"])["runs"] == []
    (call,) = agent.result("list_run_calls", run=failed["id"])["calls"]
    assert call["state"] == "unknown"
    assert agent.result("settle_call", run=failed["id"], call=call["id"], outcome="failed")["state"] == "failed"
    assert agent.result("retry_run", run=failed["id"])["state"] == "queued"
    assert agent.refusal("retry_run", run=failed["id"])["code"] == "not_runnable"
    assert agent.result("cancel_run", run=failed["id"])["state"] == "cancelled"
    assert agent.result("run_again", run=failed["id"])["state"] == "queued"


def test_an_agent_replays_what_failed(agent, failed):
    since, until = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    assert agent.result("replay_runs", app="Short list", after=failed["id"])["matched"] == 0
    replay = agent.result("replay_runs", app="Short list", since=since, until=until, per_minute=6)
    assert (replay["queued"], replay["last"]) == (1, failed["id"])
    assert agent.result("replay_runs", app="Short list")["matched"] == 0


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("tool", ["cancel_run", "retry_run", "run_again", "list_run_calls", "settle_call"])
def test_another_tenants_run_is_the_same_as_none(make_agent, other_tenant, failed, tool):
    rival = make_agent(other_tenant)
    more = {"call": 1, "outcome": "done"} if tool == "settle_call" else {}
    assert rival.refusal(tool, run=failed["id"], **more)["code"] == "run_not_found"
