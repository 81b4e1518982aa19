"""What a person sees before they confirm: what would happen, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps_engine.services.definitions import Checked, check
from apps_engine.services.errors import DefinitionRefused
from apps_engine.store.models import App
from chat.facts import facts_of
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools import Tool

Preview = dict[str, Any]


def preview_of(principal: Principal, tool: Tool, arguments: Mapping[str, Any], app: App | None) -> Preview:
    """The card of a call; raises DefinitionRefused where it could not succeed."""
    draw = PREVIEWS.get(tool.name)
    if draw is not None:
        return draw(principal, arguments, app)
    return {
        "title": tool.title,
        "subtitle": tool.description,
        "arguments": dict(arguments),
        "destructive": tool.kind == "destructive",
    }


def _creation(principal: Principal, arguments: Mapping[str, Any], app: App | None) -> Preview:
    checked = _accepted(principal, arguments["definition"])
    return {"title": f"Create “{checked.definition['name']}”", "verb": "Create the app", **_described(checked)}


def _change(principal: Principal, arguments: Mapping[str, Any], app: App | None) -> Preview:
    checked = _accepted(principal, arguments["definition"])
    title = f"Change “{app.name}” to version {app.version_number + 1}"
    return {"title": title, "verb": "Save the new version", **_described(checked)}


def _accepted(principal: Principal, source: Any) -> Checked:
    checked = check(principal, source)
    if not checked.valid:
        raise DefinitionRefused(checked.problems)
    return checked


def _described(checked: Checked) -> Preview:
    definition = checked.definition
    return {
        "subtitle": definition.get("description") or "",
        "icon": definition.get("icon") or "",
        "facts": facts_of(checked.report or {}, definition),
        "problems": [problem.as_dict() for problem in checked.problems],
        "definition": definition,
    }


def _deed(title: str, verb: str, *lines: str, destructive: bool = False) -> Callable[..., Preview]:
    def draw(principal: Principal, arguments: Mapping[str, Any], app: App) -> Preview:
        return {
            "title": title.format(name=app.name),
            "icon": app.icon,
            "verb": verb,
            "facts": [{"icon": "info", "label": "Then", "lines": list(lines)}],
            "arguments": dict(arguments),
            "destructive": destructive,
        }

    return draw


PREVIEWS: Mapping[str, Callable[..., Preview]] = {
    "create_app": _creation,
    "update_app": _change,
    "pause_app": _deed("Pause “{name}”", "Pause the app", "No new step starts until it is resumed."),
    "resume_app": _deed("Resume “{name}”", "Resume the app", "Its triggers are restored and runs that waited go on."),
    "run_app": _deed("Run “{name}” now", "Run the app", "One run is queued; a worker takes it up at once."),
    "delete_app": _deed(
        "Delete “{name}”",
        "Delete the app",
        "It stops for good, with everything it had scheduled.",
        "Its runs stay readable until their retention ends. This cannot be undone.",
        destructive=True,
    ),
}
