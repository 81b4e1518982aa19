"""Ready-made apps for agents: find one, fill it in, make an app of it (APP-09)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from apps_engine.api import shapes
from apps_engine.services.presentation import app_in_full
from apps_engine.services.starters import create_app_from, list_starters, preview, starter_as_dict
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.tool import Tool, ToolInput


class ListStartersInput(ToolInput):
    """Which ready-made apps."""

    search: Annotated[
        str, Field(max_length=200, description="What it should do, in plain words; best matches come first.")
    ] = ""
    category: Annotated[
        Literal["email", "content", "engagement", "analytics", "moderation", "shopify", "superpowers"] | None,
        Field(description="Only this category."),
    ] = None


class StarterInput(ToolInput):
    """A ready-made app with its parameters."""

    starter: Annotated[str, Field(description="Its slug, such as weekly-digest.")]
    parameters: Annotated[
        dict[str, Any],
        Field(description="What to choose; what is left out has its default. See decommerce://starters/{slug}."),
    ] = Field(default_factory=dict)


class CreateFromStarterInput(StarterInput):
    """The same, and what the new app is called."""

    name: Annotated[
        str | None,
        Field(min_length=1, max_length=120, description="The app's name; that of the ready-made one if not given."),
    ] = None


def _list(principal: Principal, given: ListStartersInput) -> dict[str, Any]:
    found = list_starters(principal, words=given.search, category=given.category)
    return {"starters": [starter_as_dict(starter) for starter in found]}


def _preview(principal: Principal, given: StarterInput) -> dict[str, Any]:
    return preview(principal, given.starter, given.parameters).as_dict()


def _create(principal: Principal, given: CreateFromStarterInput) -> dict[str, Any]:
    return app_in_full(create_app_from(principal, given.starter, given.parameters, name=given.name))


TOOLS = (
    Tool(
        name="list_starters",
        title="List ready-made apps",
        description="Apps that are ready to be filled in: digests, welcomes, reminders, rewards, reports, moderation. "
        "Look here before you write a definition.",
        scope="apps:read",
        kind="read",
        Input=ListStartersInput,
        run=_list,
        output=shapes.shape({"starters": shapes.list_of(shapes.STARTER)}),
        example={"search": "a newsletter every week"},
    ),
    Tool(
        name="preview_starter",
        title="Preview a ready-made app",
        description="The definition that a ready-made app becomes with these parameters, every problem of them, and "
        "what it would do in plain words. Stores nothing.",
        scope="apps:read",
        kind="read",
        Input=StarterInput,
        run=_preview,
        output=shapes.STARTER_PREVIEW,
        example={"starter": "weekly-digest", "parameters": {"posts": 3}},
    ),
    Tool(
        name="create_app_from_starter",
        title="Create an app from a ready-made one",
        description="Fill in a ready-made app, validate, store and activate it. Every fault of the parameters is told.",
        scope="apps:write",
        kind="write",
        Input=CreateFromStarterInput,
        run=_create,
        output=shapes.NEW_VERSION,
        example={"starter": "weekly-digest", "parameters": {"posts": 3}, "name": "Our digest"},
    ),
)
