"""Telling whoever waits that there is progress: of any call that takes a while, and of a run that is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp.server.context import ServerRequestContext

from apps_engine.services.presentation import run_as_dict
from apps_engine.services.runs import FINAL, get_run
from decommerce.tenancy.principal import Principal
from mcp_gateway.threads import in_own_tenant

BEAT_SECONDS = 2.0
# How often a run is looked at: often in the beginning, since most are short.
FIRST_LOOK_SECONDS, LATER_LOOK_SECONDS = 0.1, 2.0


@asynccontextmanager
async def beating(context: ServerRequestContext) -> AsyncIterator[None]:
    """Report every two seconds that the work inside goes on. What is inside raises nothing."""

    async def beat() -> None:
        seconds = 0.0
        while True:
            await anyio.sleep(BEAT_SECONDS)
            seconds += BEAT_SECONDS
            await context.session.report_progress(seconds, message=f"At work for {seconds:.0f} seconds.")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(beat)
        yield
        tasks.cancel_scope.cancel()


async def followed(context: ServerRequestContext, principal: Principal, run_id: int, seconds: float) -> dict[str, Any]:
    """The run as it is when it has ended, or when the time is over."""
    begins, pause, told = anyio.current_time(), FIRST_LOOK_SECONDS, ""
    while True:
        run = await in_own_tenant(principal, _look, principal, run_id)
        elapsed = anyio.current_time() - begins
        if run["state"] in FINAL or elapsed >= seconds:
            return run
        standing = _standing(run)
        if standing != told:
            # The seconds, since progress must not go back and each loop of a run begins anew.
            await context.session.report_progress(round(elapsed, 3), message=standing)
            told = standing
        await anyio.sleep(min(pause, seconds - elapsed))
        pause = min(pause * 1.5, LATER_LOOK_SECONDS)


def _look(principal: Principal, run_id: int) -> dict[str, Any]:
    return run_as_dict(get_run(principal, run_id), principal, steps=True)


def _standing(run: dict[str, Any]) -> str:
    loop = run["progress"]
    done = f"{loop['done']} of {loop['total']} items" if loop else f"{len(run['steps'])} steps done"
    return f"The run is {run['state']}: {done}."
