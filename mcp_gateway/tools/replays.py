"""Runs once more, stopped, or told apart from what nobody knows (RUN-05, RUN-13)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from apps_engine.api import shapes
from apps_engine.services.presentation import effect_as_dict, run_as_dict
from apps_engine.services.replays import MOST_AT_ONCE, MOST_PER_MINUTE, Way, replay_runs
from apps_engine.services.retries import retry_run, run_again
from apps_engine.services.runs import RunFilter, cancel_run
from apps_engine.services.settling import Settlement, list_effects, settle_effect
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.inputs import AppInput
from mcp_gateway.tools.tool import Tool, ToolInput

RunNumber = Annotated[int, Field(description="The run's number.")]
Instant = Annotated[datetime | None, Field(strict=False, description="An instant such as 2026-11-21T09:00:00Z.")]


class RunInput(ToolInput):
    """One run."""

    run: RunNumber


class ReplayInput(AppInput):
    """Which runs of an app, in which way, and how many a minute."""

    way: Annotated[Way, Field(description="retry: from the failed step; again: anew with the newest version.")] = (
        "retry"
    )
    states: Annotated[
        list[Literal["succeeded", "failed", "dead", "skipped", "cancelled"]],
        Field(description="Runs in these states; failed and dead if left out."),
    ] = []
    since: Instant = None
    until: Instant = None
    error_code: Annotated[str, Field(max_length=64, description="Only runs that ended with this error.")] = ""
    per_minute: Annotated[int, Field(ge=1, le=MOST_PER_MINUTE)] = 60
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = MOST_AT_ONCE
    after: Annotated[
        int, Field(ge=0, le=2**63 - 1, description="The `last` of the answer before, where it said that more are left.")
    ] = 0


class SettleInput(RunInput):
    """One call of a run, and what became of it."""

    call: Annotated[int, Field(description="The call's number, from list_run_calls.")]
    outcome: Annotated[Settlement, Field(description="Whether it was done at the other side.")]
    result: Annotated[dict[str, Any], Field(description="What later steps see of a call that was done.")] = {}


def _cancel(principal: Principal, given: RunInput) -> dict[str, Any]:
    return run_as_dict(cancel_run(principal, given.run), principal, steps=False)


def _retry(principal: Principal, given: RunInput) -> dict[str, Any]:
    return run_as_dict(retry_run(principal, given.run), principal, steps=False)


def _again(principal: Principal, given: RunInput) -> dict[str, Any]:
    return run_as_dict(run_again(principal, given.run), principal, steps=False)


def _replay(principal: Principal, given: ReplayInput) -> dict[str, Any]:
    which = RunFilter(given.states, given.since, given.until, given.error_code, after=given.after)
    return asdict(
        replay_runs(principal, given.app, way=given.way, which=which, per_minute=given.per_minute, limit=given.limit)
    )


def _calls(principal: Principal, given: RunInput) -> dict[str, Any]:
    return {"calls": [effect_as_dict(effect, principal) for effect in list_effects(principal, given.run)]}


def _settle(principal: Principal, given: SettleInput) -> dict[str, Any]:
    return effect_as_dict(settle_effect(principal, given.run, given.call, given.outcome, given.result), principal)


TOOLS = (
    Tool(
        name="cancel_run",
        title="Cancel a run",
        description="Stop a run that waits or works: no further step starts. What it has done stays done.",
        scope="apps:run",
        kind="destructive",
        Input=RunInput,
        run=_cancel,
        output=shapes.RUN_IN_SHORT,
        idempotent=True,
        example={"run": 481},
    ),
    Tool(
        name="retry_run",
        title="Retry a run",
        description="Go on with a failed or dead run at the step that failed, in its own version; what was done is not "
        "done again.",
        scope="apps:run",
        kind="write",
        Input=RunInput,
        run=_retry,
        output=shapes.RUN_IN_SHORT,
        reaches_out=True,
        example={"run": 481},
        starts_run=True,
    ),
    Tool(
        name="run_again",
        title="Run again",
        description="A new run of what started an earlier one, with the app's newest version.",
        scope="apps:run",
        kind="write",
        Input=RunInput,
        run=_again,
        output=shapes.RUN_IN_SHORT,
        reaches_out=True,
        example={"run": 481},
        starts_run=True,
    ),
    Tool(
        name="replay_runs",
        title="Replay runs",
        description="Many runs of an app once more, oldest first, at a rate: retried, or run again. Where more are "
        "left, call again with after set to last.",
        scope="apps:run",
        kind="write",
        Input=ReplayInput,
        run=_replay,
        output=shapes.REPLAY,
        reaches_out=True,
        example={"app": "Weekly digest", "states": ["dead"], "since": "2026-11-21T09:00:00Z"},
    ),
    Tool(
        name="list_run_calls",
        title="List a run's calls",
        description="A run's calls to the outside with their states; of one that is unknown nobody knows whether it "
        "arrived.",
        scope="apps:read",
        kind="read",
        Input=RunInput,
        run=_calls,
        output=shapes.shape({"calls": shapes.list_of(shapes.EFFECT)}),
        example={"run": 481},
    ),
    Tool(
        name="settle_call",
        title="Settle a call",
        description="Say of a call whose end nobody knows whether it was done, after looking at the other side; then "
        "retry the run.",
        scope="apps:run",
        kind="destructive",
        Input=SettleInput,
        run=_settle,
        output=shapes.EFFECT,
        example={"run": 481, "call": 7, "outcome": "done"},
    ),
)
