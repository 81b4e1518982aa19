"""What a person sees before they confirm: what would happen, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.language import jsontext
from apps_engine.services.definitions import check
from apps_engine.services.errors import DefinitionRefused
from apps_engine.services.starters import definition_of
from apps_engine.store.models import App
from chat.facts import facts_of, told
from chat.gate.changes import changes_to
from chat.gate.trial import trial_of
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools import Tool
from mcp_gateway.tools.plain import shortened

Preview = dict[str, Any]
LONGEST_SAID = 400


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to an app that exists: the card's title, the button, and what follows."""

    title: str
    verb: str
    then: tuple[str, ...]


DEEDS: Mapping[str, Deed] = {
    "pause_app": Deed("Pause “{name}”", "Pause the app", ("No new step starts until it is resumed.",)),
    "resume_app": Deed("Resume “{name}”", "Resume the app", ("Its triggers are restored and runs that waited go on.",)),
    "run_app": Deed("Run “{name}” now", "Run the app", ("One run is queued; a worker takes it up at once.",)),
    "delete_app": Deed(
        "Delete “{name}”",
        "Delete the app",
        (
            "It stops for good, with everything it had scheduled.",
            "Its runs stay readable until their retention ends. This cannot be undone.",
        ),
    ),
}


def preview_of(principal: Principal, tool: Tool, arguments: Mapping[str, Any], app: App | None) -> Preview:
    """The card of a call; raises DefinitionRefused or ParametersRefused where it could not succeed."""
    deed = DEEDS.get(tool.name)
    if "starter" in arguments:
        filled = definition_of(principal, arguments["starter"], arguments.get("parameters"), name=arguments.get("name"))
        card = _with_definition(principal, filled, None)
    elif "definition" in arguments:
        card = _with_definition(principal, arguments["definition"], app)
    elif deed is not None and app is not None:
        card = _of_deed(deed, app, arguments)
    else:
        facts = told("info", "With", _said(arguments))
        card = {"title": tool.title, "subtitle": tool.description, "facts": facts, "arguments": dict(arguments)}
    return {**card, "destructive": tool.kind == "destructive"}


def _said(arguments: Mapping[str, Any]) -> list[str]:
    """What the call says, the short first: whoever confirms it sees to whom and what without opening anything."""
    texts = {name: value if isinstance(value, str) else jsontext.dumps(value) for name, value in arguments.items()}
    return [
        f"{name}: {shortened(text, LONGEST_SAID)}"
        for name, text in sorted(texts.items(), key=lambda pair: len(pair[1]))
    ]


def _with_definition(principal: Principal, source: Any, app: App | None) -> Preview:
    checked = check(principal, source)
    if checked.definition is None or checked.report is None:
        raise DefinitionRefused(checked.problems)
    definition = checked.definition
    title = f"Change “{app.name}” to version {app.version_number + 1}" if app else f"Create “{definition['name']}”"
    return {
        "title": title,
        "subtitle": definition.get("description") or "",
        "icon": definition.get("icon") or "",
        "verb": "Save the new version" if app else "Create the app",
        "facts": [
            *told("switch", "Changes", changes_to(app, definition) if app else []),
            *facts_of(checked.report, definition),
            *told("play", "Today", trial_of(principal, definition) if checked.valid else []),
        ],
        "problems": [problem.as_dict() for problem in checked.problems],
        "definition": definition,
    }


def _of_deed(deed: Deed, app: App, arguments: Mapping[str, Any]) -> Preview:
    return {
        "title": deed.title.format(name=app.name),
        "icon": app.icon,
        "verb": deed.verb,
        "facts": [
            {"icon": "info", "label": "Then", "lines": list(deed.then)},
            *told("info", "With", _said({name: value for name, value in arguments.items() if name != "app"})),
        ],
        "arguments": dict(arguments),
    }
