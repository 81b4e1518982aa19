"""Waiting for a run: its end in the answer, progress meanwhile, its number where it takes longer (MCP-05)."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from apps_engine.services.execute import execute
from apps_engine.store.claims import claim
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.definitions import short_list
from tests.mcp_gateway.agents import connected
from tests.mcp_gateway.conftest import ERAS
from tests.waiting import until

pytestmark = pytest.mark.requirement("MCP-05")


@pytest.fixture(params=ERAS)
def mode(request) -> str:
    """Both eras of the protocol."""
    return request.param


def test_the_answer_has_the_end_of_the_run_and_progress_is_told(server, agent, tenant, mode):
    app = agent.result("create_app", definition=short_list())
    told: list[str | None] = []

    async def progress(_: float, __: float | None, message: str | None) -> None:
        if not told:
            worker.start()
        told.append(message)

    async def run() -> Any:
        async with connected(server.mcp_url, agent.secret, mode) as client:
            arguments = {"app": app["id"], "wait_seconds": 60}
            return await client.call_tool("run_app", arguments, progress_callback=progress)

    worker = threading.Thread(target=_work, args=[tenant])
    answer = asyncio.run(run())
    worker.join()
    assert not answer.is_error, answer.content
    assert answer.structured_content["state"] == "succeeded"
    assert [step["kind"] for step in answer.structured_content["steps"]] == ["fetch", "transform"]
    assert told[0] == "The run is queued: 0 steps done."


def test_a_run_that_takes_longer_is_answered_with_its_number(agent):
    app = agent.result("create_app", definition=short_list())
    run = agent.result("run_app", app=app["id"], wait_seconds=1)
    assert run["state"] == "queued"
    assert agent.result("get_app_logs", run=run["id"])["runs"][0]["id"] == run["id"]


@pytest.mark.parametrize("seconds", [-1, 121, 1.5, "5", True])
def test_nobody_waits_for_an_impossible_time(agent, seconds):
    refused = agent.refusal("run_app", app=1, wait_seconds=seconds)
    assert refused["problems"][0]["path"] == "/wait_seconds"


def _work(tenant: Any) -> None:
    """A worker that takes up the tenant's one run."""
    with tenant_scope(tenant.pk):
        number = until(lambda: Execution.objects.values_list("pk", flat=True).first(), "the run")
    for claimed in claim("the test", limit=1, ids=[number]):
        execute(claimed)
