"""Apps of a community as tools of their own: one for each that was opted in, its inputs as the schema (MCP-06)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, create_model

from apps_engine.api import shapes
from apps_engine.language.jsontext import dumps
from apps_engine.services.offering import OfferedApp, offered_app, offered_apps
from apps_engine.services.presentation import run_as_dict
from apps_engine.services.runs import run_app
from decommerce.tenancy.principal import Principal
from mcp_gateway.answering import offered
from mcp_gateway.offers import OfferedTool
from mcp_gateway.threads import in_own_tenant
from mcp_gateway.tools import Tool, ToolInput
from mcp_gateway.tools.plain import plain

SCOPES = frozenset({"apps:read", "apps:run"})
LONGEST_NAME, LONGEST_DESCRIPTION, LARGEST_SCHEMA = 40, 500, 16_384
KEPT = 1_000
NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
_NAME = re.compile(r"run_[a-z0-9_]+_(\d{1,18})")


async def own_tools(principal: Principal) -> Sequence[OfferedTool]:
    """The tools that the caller's community has opted in."""
    if not principal.scopes >= SCOPES:
        return ()
    return await in_own_tenant(principal, lambda: [_offered(one) for one in offered_apps(principal)])


async def own_tool(principal: Principal, name: str) -> OfferedTool | None:
    """One of them by its exact name, None where there is none."""
    match = _NAME.fullmatch(name)
    if match is None or not principal.scopes >= SCOPES:
        return None
    found = await in_own_tenant(principal, offered_app, principal, int(match[1]))
    return None if found is None or name_of(found.app.pk, found.app.name) != name else _offered(found)


def name_of(app_id: int, name: str) -> str:
    """The name of an app's tool: words of the app's name, and its number, which keeps it apart."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:LONGEST_NAME].strip("_")
    return f"run_{words or 'app'}_{app_id}"


def _offered(found: OfferedApp) -> OfferedTool:
    app = found.app
    tool = Tool(
        name=name_of(app.pk, app.name),
        title=f"Run “{_one_line(app.name)}”",
        description=_described(app.description),
        scope="apps:run",
        kind="write",
        Input=_input(found.version_id, dumps(found.inputs)),
        run=lambda principal, given: _run(principal, app.pk, given.inputs),
        output=shapes.RUN_IN_SHORT,
        reaches_out=True,
        starts_run=True,
    )
    return replace(offered(tool), scopes=SCOPES)


def _run(principal: Principal, app_id: int, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return run_as_dict(run_app(principal, app_id, inputs), principal, steps=False)


def _described(description: str) -> str:
    about = _one_line(description)[:LONGEST_DESCRIPTION]
    told = f" What its admins say of it: “{about}”." if about else ""
    return f"Run an app of this community, as run_app does.{told}"


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


@lru_cache(maxsize=KEPT)
def _input(version_id: int, inputs: str) -> type[ToolInput]:
    """The arguments of a version's tool; what a run takes is judged by the app's own schema when it is called."""
    schema = _schema(inputs)
    default = ... if schema.get("required") else Field(default_factory=dict)
    inner = Annotated[dict[str, Any], WithJsonSchema(schema)]
    name, what = f"Inputs{version_id}", "What the run takes."
    return create_model(name, __base__=ToolInput, __doc__=what, inputs=(inner, default))


def _schema(inputs: str) -> dict[str, Any]:
    if len(inputs) > LARGEST_SCHEMA:
        return {"type": "object", "description": "As the app declares them: see get_app."}
    return _without_headers(json.loads(inputs)) or dict(NOTHING)


def _without_headers(schema: Any) -> Any:
    """The schema without what would have clients put values into headers."""
    if isinstance(schema, list):
        return [_without_headers(item) for item in schema]
    if isinstance(schema, dict):
        return {key: _without_headers(value) for key, value in schema.items() if not key.startswith("x-mcp-")}
    return schema
