"""Running apps, and seeing what became of it (MCP-02, MCP-06)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from apps_engine.api import shapes
from apps_engine.language.instants import parse_instant
from apps_engine.language.problems import Problem
from apps_engine.services.apps import get_app
from apps_engine.services.errors import RunNotFound
from apps_engine.services.presentation import decision_as_dict, run_as_dict
from apps_engine.services.runs import RunFilter, get_run, list_runs, run_app
from apps_engine.services.verdicts import list_decisions, why_not
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.cursors import Position, number_of, page_of
from mcp_gateway.tools.inputs import AppInput, AppReference, Cursor, Inputs, Limit
from mcp_gateway.tools.tool import ArgumentsRefused, Tool, ToolInput


class RunAppInput(AppInput):
    """Which app, with which inputs."""

    inputs: Inputs = Field(default_factory=dict)


class LogsInput(ToolInput):
    """The latest runs of an app, or one run in full."""

    app: AppReference | None = None
    run: Annotated[int | None, Field(description="A run's number: that run alone, with every step.")] = None
    states: Annotated[
        list[Literal["queued", "running", "paused", "succeeded", "failed", "dead", "skipped", "cancelled"]],
        Field(description="Runs in these states only; failed and dead are those that went wrong, with the reason."),
    ] = []
    limit: Limit = 10
    cursor: Cursor = None

    @model_validator(mode="after")
    def _names_something(self) -> LogsInput:
        if self.app is None and self.run is None:
            raise ValueError("Name an app or a run.")
        return self


class WhyNotInput(AppInput):
    """An app, and perhaps one event."""

    event_id: Annotated[
        str | None, Field(max_length=200, description="What became of this event; without it the latest reasons.")
    ] = None
    limit: Limit = 20
    cursor: Cursor = None


def _run(principal: Principal, given: RunAppInput) -> dict[str, Any]:
    return run_as_dict(run_app(principal, given.app, given.inputs), principal, steps=False)


def _logs(principal: Principal, given: LogsInput) -> dict[str, Any]:
    if given.run is None:
        page = page_of(given, int)
        which = RunFilter(given.states, before=page.after[0] if page.after else None)
        runs = list_runs(principal, given.app or "", limit=page.reach, which=which)
        return page.answer("runs", runs, lambda run: run_as_dict(run, principal, steps=False), number_of)
    run = get_run(principal, given.run)
    if given.app is not None and run.app_id != get_app(principal, given.app).pk:
        raise RunNotFound(f"Run {given.run} is not one of “{given.app}”.", hint="List that app's runs.")
    return {"runs": [run_as_dict(run, principal, steps=True)], "next_cursor": None}


def _why_not(principal: Principal, given: WhyNotInput) -> dict[str, Any]:
    if given.event_id is not None:
        return {"decisions": [why_not(principal, given.app, given.event_id)], "next_cursor": None}
    page = page_of(given, str, int)
    decisions = list_decisions(principal, given.app, limit=page.reach, before=_instant_and_number(page.after))
    return page.answer(
        "decisions",
        decisions,
        lambda decision: decision_as_dict(decision, principal),
        lambda decision: (decision.last_at.isoformat(), decision.pk),
    )


def _instant_and_number(position: Position | None) -> tuple[datetime, int] | None:
    if position is None:
        return None
    try:
        return parse_instant(position[0]), position[1]
    except ValueError as error:
        raise ArgumentsRefused([Problem("/cursor", "bad_cursor", "This cursor is none of this list.")]) from error


TOOLS = (
    Tool(
        name="run_app",
        title="Run an app",
        description="Queue a run by hand. A worker takes it up soon; wait for it with wait_seconds, or ask "
        "get_app_logs with its number how it went.",
        scope="apps:run",
        kind="write",
        Input=RunAppInput,
        run=_run,
        output=shapes.RUN_IN_SHORT,
        reaches_out=True,
        example={"app": "Weekly digest", "inputs": {}},
        starts_run=True,
    ),
    Tool(
        name="get_app_logs",
        title="Get run logs",
        description="An app's latest runs; or, by number, one run with what each step saw and did.",
        scope="apps:read",
        kind="read",
        Input=LogsInput,
        run=_logs,
        output=shapes.shape({"runs": shapes.list_of(shapes.RUN), "next_cursor": shapes.TEXT_OR_NULL}),
        example={"app": "Weekly digest", "states": ["failed", "dead"]},
    ),
    Tool(
        name="why_not_run",
        title="Why did it not run?",
        description="The reasons why an app made no run: the clause of its filter that failed and the actual value, "
        "overlap, quota, missed. With an event's id, what became of that event, also while the app was paused, and "
        "what its run waits for where it has not begun.",
        scope="apps:read",
        kind="read",
        Input=WhyNotInput,
        run=_why_not,
        output=shapes.shape({"decisions": shapes.list_of(shapes.DECISION), "next_cursor": shapes.TEXT_OR_NULL}),
        example={"app": "Weekly digest"},
    ),
)
