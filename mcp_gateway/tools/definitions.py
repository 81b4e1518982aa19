"""Definitions before they are stored: check, try, explain, and what they are made of (MCP-06)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from apps_engine.api import shapes
from apps_engine.api.building_blocks import building_blocks
from apps_engine.api.rehearsal_shapes import BACKTEST
from apps_engine.services.apps import get_app
from apps_engine.services.backtests import MOST_DAYS, USUAL_DAYS, backtest
from apps_engine.services.definitions import Source, check
from apps_engine.services.dry_run import dry_run
from apps_engine.services.errors import DefinitionRefused
from apps_engine.services.presentation import app_in_full
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.inputs import SMALL, AppReference, Definition, DefinitionInput, Inputs
from mcp_gateway.tools.tool import Tool, ToolInput


class AppOrDefinitionInput(ToolInput):
    """A stored app, or a definition that is not stored."""

    app: AppReference | None = None
    definition: Definition | None = None

    @model_validator(mode="after")
    def _names_one(self) -> AppOrDefinitionInput:
        if (self.app is None) == (self.definition is None):
            raise ValueError("Give either an app or a definition.")
        return self

    @property
    def source(self) -> Source:
        """The definition, where no app is named."""
        if self.definition is None:
            raise ValueError("an app was named")
        return self.definition


class DryRunInput(AppOrDefinitionInput):
    """What to try, and what starts it."""

    inputs: Inputs = Field(default_factory=dict)
    event: Annotated[
        dict[str, Any] | None,
        Field(description="The data of the event that starts it; without, the catalogue's sample of that event."),
    ] = None


class BacktestInput(AppOrDefinitionInput):
    """What to try on the past, and on how much of it."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS, description="How many days back.")] = USUAL_DAYS


class BuildingBlocksInput(ToolInput):
    """Which building blocks."""

    kind: Annotated[
        Literal["connectors", "actions", "events", "transforms", "filters"] | None,
        Field(description="One kind in full; without it the names and summaries of all."),
    ] = None


def _validate(principal: Principal, given: DefinitionInput) -> dict[str, Any]:
    return check(principal, given.definition).as_dict()


def _dry_run(principal: Principal, given: DryRunInput) -> dict[str, Any]:
    source = given.source if given.app is None else get_app(principal, given.app).pk
    return dry_run(principal, source, inputs=given.inputs, event=given.event).as_dict()


def _backtest(principal: Principal, given: BacktestInput) -> dict[str, Any]:
    source = given.source if given.app is None else get_app(principal, given.app).pk
    return backtest(principal, source, days=given.days).as_dict()


def _preview(principal: Principal, given: DryRunInput) -> dict[str, Any]:
    if given.app is not None:
        app = get_app(principal, given.app)
        static = {"valid": True, "problems": [], **_explain(principal, AppOrDefinitionInput(app=app.pk))}
    else:
        static = check(principal, given.source).as_dict()
    return {**static, "dry_run": _dry_run(principal, given) if static["valid"] else None}


def _explain(principal: Principal, given: AppOrDefinitionInput) -> dict[str, Any]:
    if given.app is not None:
        app = app_in_full(get_app(principal, given.app))
        return {"sentences": app["sentences"], "report": app["report"]}
    checked = check(principal, given.source)
    if not checked.valid:
        raise DefinitionRefused(checked.problems)
    return {"sentences": list(checked.sentences), "report": checked.report}


def _building_blocks(principal: Principal, given: BuildingBlocksInput) -> dict[str, Any]:
    blocks = building_blocks()
    if given.kind is not None:
        return {given.kind: blocks[given.kind]}
    return {kind: [{"name": row["name"], "summary": row["summary"]} for row in rows] for kind, rows in blocks.items()}


TOOLS = (
    Tool(
        name="validate_app",
        title="Validate a definition",
        description="Every problem of a definition at once, and what it would do in plain words. Stores nothing.",
        scope="apps:read",
        kind="read",
        Input=DefinitionInput,
        run=_validate,
        output=shapes.CHECK,
        example={"definition": SMALL},
    ),
    Tool(
        name="dry_run_app",
        title="Dry-run an app",
        description="Rehearse an app or a definition on real data with no effect: what it would read, change and send.",
        scope="data:read",
        kind="read",
        Input=DryRunInput,
        run=_dry_run,
        output=shapes.DRY_RUN,
        example={"app": "Weekly digest"},
    ),
    Tool(
        name="backtest_app",
        title="Backtest an app",
        description="Try an app or a definition on the recorded events of the last days with no effect: how often it "
        "would have started, which clause kept out how many, and what its newest runs would have done.",
        scope="data:read",
        kind="read",
        Input=BacktestInput,
        run=_backtest,
        output=shapes.part_of(BACKTEST, "since", "kept_days", "started", "triggers", "rehearsals"),
        example={"app": "Weekly digest", "days": 7},
    ),
    Tool(
        name="preview_app",
        title="Preview an app",
        description="Before somebody agrees: what an app or a definition would do in plain words, every problem of "
        "it, and a rehearsal on real data with no effect. The rehearsal is left out while there are errors.",
        scope="data:read",
        kind="read",
        Input=DryRunInput,
        run=_preview,
        output=shapes.extended(shapes.CHECK, {"dry_run": shapes.OBJECT_OR_NULL}),
        example={"app": "Weekly digest"},
    ),
    Tool(
        name="explain_app",
        title="Explain an app",
        description="What an app or a definition does in plain words: when it runs, what it reads, writes and sends.",
        scope="apps:read",
        kind="read",
        Input=AppOrDefinitionInput,
        run=_explain,
        output=shapes.shape({"sentences": shapes.TEXTS, "report": shapes.OBJECT}),
        example={"app": "Weekly digest"},
    ),
    Tool(
        name="list_building_blocks",
        title="List building blocks",
        description="What definitions are made of: connectors with fields, actions with parameters, events, "
        "transforms and template filters.",
        scope="apps:read",
        kind="read",
        Input=BuildingBlocksInput,
        run=_building_blocks,
        output=shapes.OBJECT,
        example={"kind": "actions"},
    ),
)
