"""A whole document: which of the shapes it has, and its canonical definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.sugar.flows import MAIN, flow_keys, flows, holds_operations
from apps_engine.language.sugar.keys import first_of, flattened, renamed
from apps_engine.language.sugar.source import Made, Node, Source, SourceMap, settle
from apps_engine.language.sugar.states import states
from apps_engine.language.sugar.triggers import manual_inputs, triggers

_PARTS = frozenset({"trigger", "triggers", "oauth_required", "permissions", "settings"})


def desugar(document: dict[str, Any]) -> tuple[dict[str, Any], SourceMap]:
    """The canonical definition of a document in any of the shapes, and where each part was written.

    Takes any JSON object and never fails: what it does not know it leaves as it stands, for validation to name.
    """
    definition, places = settle(_definition(Source(document)))
    return definition, places


def _definition(source: Source) -> Node:
    apart = {*_PARTS, *flow_keys(source), "states" if "states" in source else "state_machine"}
    head: dict[str, Node] = {key: part for key, part in flattened(source, "metadata").items() if key not in apart}
    head.setdefault("profile", _profile(source))
    made_flows = flows(source)
    parts = {
        "triggers": _triggers(source, made_flows),
        "flows": made_flows,
        "states": _states(source),
        "permissions": _permissions(source),
        "settings": _settings(source),
    }
    inputs = manual_inputs(_starts(source))
    if inputs is not None:
        head.setdefault("inputs", inputs)
    return Made({**head, **{key: part for key, part in parts.items() if part is not None}}, source.pointer)


def _profile(source: Source) -> str:
    """The profile of a document that names none: what only superpowers have makes it one."""
    criteria = "completion_criteria" in source and source["completion_criteria"].value is not None
    operations = "actions" in source and any(map(holds_operations, source["actions"].elements()))
    by_action = any("action_id" in trigger for trigger in _starts(source))
    return "superpower" if criteria or operations or by_action or "state_machine" in source else "automation"


def _starts(source: Source) -> list[Source]:
    """The triggers, whether written as one or as a list."""
    several = list(source["triggers"].elements()) if "triggers" in source else []
    return [*([source["trigger"]] if "trigger" in source else []), *several]


def _triggers(source: Source, made_flows: Node) -> Node:
    whole = first_of(source, "triggers", "trigger")
    if whole is None or ("triggers" in source and not whole.is_list):
        return whole
    return triggers(_starts(source), whole.pointer, _default_flow(made_flows))


def _default_flow(made_flows: Node) -> str:
    """The flow of a trigger that names none: the only one, or the main one."""
    value = made_flows.value if isinstance(made_flows, Made | Source) else None
    return next(iter(value)) if isinstance(value, Mapping) and len(value) == 1 else MAIN


def _states(source: Source) -> Node:
    machine = first_of(source, "states", "state_machine")
    return None if machine is None else states(machine)


def _permissions(source: Source) -> Node:
    """The declared permissions, with every `oauth_required` of the app and its actions among them."""
    declared = first_of(source, "permissions")
    if declared is not None and not declared.is_object:
        return declared
    actions = source["actions"].elements() if "actions" in source else ()
    required = [holder["oauth_required"] for holder in (source, *actions) if "oauth_required" in holder]
    members: dict[str, Node] = dict(declared.members()) if declared is not None else {}
    if required:
        own = [*declared["oauth"].elements()] if declared is not None and "oauth" in declared else []
        scopes = [scope for place in required for scope in (place.elements() if place.is_list else (place,))]
        distinct: dict[str, Node] = {}
        for scope in (*own, *scopes):
            distinct.setdefault(str(scope.value), scope)
        members["oauth"] = Made(list(distinct.values()), required[0].pointer)
    return Made(members, declared.pointer if declared else required[0].pointer) if members or declared else None


def _settings(source: Source) -> Node:
    """The settings; `retry_on_failure` and `max_retries` (repeats after the first attempt) are the retry policy."""
    settings = first_of(source, "settings")
    if settings is None or not settings.is_object:
        return settings
    members = renamed(settings.members(), {}, without=("retry_on_failure", "max_retries"))
    repeats = first_of(settings, "max_retries")
    if first_of(settings, "retry_on_failure") == Source(False, f"{settings.pointer}/retry_on_failure"):
        members.setdefault("retry", Made({"max_attempts": 1}, settings.pointer))
    elif repeats is not None:
        attempts = Source(repeats.value + 1, repeats.pointer) if isinstance(repeats.value, int) else repeats
        members.setdefault("retry", Made({"max_attempts": attempts}, settings.pointer))
    return Made(members, settings.pointer)
