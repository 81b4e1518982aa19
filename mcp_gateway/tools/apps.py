"""The life of an app (MCP-02)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from apps_engine.api import shapes
from apps_engine.services.apps import (
    create_app,
    delete_app,
    get_app,
    list_apps,
    pause_app,
    resume_app,
    update_app,
)
from apps_engine.services.backlog import going_on
from apps_engine.services.presentation import app_as_dict, app_in_full, run_as_dict
from apps_engine.services.runs import list_runs
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.cursors import number_of, page_of
from mcp_gateway.tools.inputs import SMALL, AppInput, AppReference, Cursor, Definition, DefinitionInput, Limit
from mcp_gateway.tools.tool import Tool, ToolInput


class ListAppsInput(ToolInput):
    """Which apps."""

    status: Annotated[
        Literal["active", "paused", "error", "deleted"] | None,
        Field(description="Only apps in this state; without it all but the deleted ones."),
    ] = None
    search: Annotated[str, Field(max_length=120, description="A part of the name.")] = ""
    limit: Limit = 50
    cursor: Cursor = None


class GetAppInput(AppInput):
    """One app with some of its runs."""

    runs: Annotated[int, Field(ge=0, le=100, description="How many of its latest runs.")] = 5


class UpdateAppInput(ToolInput):
    """A new definition of an app."""

    app: AppReference
    definition: Definition
    expected_version: Annotated[
        int | None, Field(ge=1, description="Refuse the change if the app is no longer at this version.")
    ] = None


class PauseAppInput(AppInput):
    """Which app, and why."""

    reason: Annotated[str, Field(max_length=300, description="Shown to the people who look after the app.")] = ""


def _create(principal: Principal, given: DefinitionInput) -> dict[str, Any]:
    return app_in_full(create_app(principal, given.definition))


def _list(principal: Principal, given: ListAppsInput) -> dict[str, Any]:
    apps, page = list_apps(principal, status=given.status, search=given.search), page_of(given, int)
    behind = apps if page.after is None else apps.filter(pk__lt=page.after[0])
    return {**page.answer("apps", behind, app_as_dict, number_of), "total": apps.count()}


def _get(principal: Principal, given: GetAppInput) -> dict[str, Any]:
    app = get_app(principal, given.app)
    runs = list_runs(principal, app.pk, limit=given.runs)
    return {**app_in_full(app), "recent_runs": [run_as_dict(run, principal, steps=False) for run in runs]}


def _update(principal: Principal, given: UpdateAppInput) -> dict[str, Any]:
    return app_in_full(update_app(principal, given.app, given.definition, expected_version=given.expected_version))


def _delete(principal: Principal, given: AppInput) -> dict[str, Any]:
    return app_as_dict(delete_app(principal, given.app))


def _pause(principal: Principal, given: PauseAppInput) -> dict[str, Any]:
    return app_as_dict(pause_app(principal, given.app, given.reason))


def _resume(principal: Principal, given: AppInput) -> dict[str, Any]:
    app = resume_app(principal, given.app)
    return {**app_as_dict(app), "backlog": going_on(app)}


TOOLS = (
    Tool(
        name="create_app",
        title="Create an app",
        description="Validate, store and activate an app. A refused definition lists every problem; nothing is stored.",
        scope="apps:write",
        kind="write",
        Input=DefinitionInput,
        run=_create,
        output=shapes.NEW_VERSION,
        example={"definition": SMALL},
    ),
    Tool(
        name="list_apps",
        title="List apps",
        description="The community's apps with their status and counters, newest first.",
        scope="apps:read",
        kind="read",
        Input=ListAppsInput,
        run=_list,
        output=shapes.shape(
            {"apps": shapes.list_of(shapes.APP), "next_cursor": shapes.TEXT_OR_NULL, "total": shapes.INTEGER}
        ),
        example={"status": "active", "limit": 20},
    ),
    Tool(
        name="get_app",
        title="Get an app",
        description="One app: its definition, what it does in plain words, when it runs next, and its latest runs.",
        scope="apps:read",
        kind="read",
        Input=GetAppInput,
        run=_get,
        output=shapes.APP_WITH_RUNS,
        example={"app": "Weekly digest", "runs": 3},
    ),
    Tool(
        name="update_app",
        title="Update an app",
        description="Give an app a new definition. It makes a new version; runs under way keep theirs.",
        scope="apps:write",
        kind="write",
        Input=UpdateAppInput,
        run=_update,
        output=shapes.NEW_VERSION,
        example={
            "app": 12,
            "expected_version": 3,
            "definition": SMALL,
        },
    ),
    Tool(
        name="delete_app",
        title="Delete an app",
        description="Stop an app for ever. Its runs stay readable by their numbers.",
        scope="apps:write",
        kind="destructive",
        Input=AppInput,
        run=_delete,
        output=shapes.APP_IN_SHORT,
        example={"app": 12},
    ),
    Tool(
        name="pause_app",
        title="Pause an app",
        description="Stop an app for a while: no new step starts. Pausing twice changes nothing.",
        scope="apps:write",
        kind="write",
        Input=PauseAppInput,
        run=_pause,
        output=shapes.APP_IN_SHORT,
        idempotent=True,
        example={"app": "Weekly digest", "reason": "Holidays"},
    ),
    Tool(
        name="resume_app",
        title="Resume an app",
        description="Start a paused app again: its triggers are restored and runs that waited go on.",
        scope="apps:write",
        kind="write",
        Input=AppInput,
        run=_resume,
        output=shapes.APP_IN_SHORT,
        idempotent=True,
        example={"app": "Weekly digest"},
    ),
)
