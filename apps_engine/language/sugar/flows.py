"""Flows: a micro-app's pipeline and actions, and each action of a superpower."""

from __future__ import annotations

from collections.abc import Collection

from apps_engine.language.sugar.keys import renamed
from apps_engine.language.sugar.source import Made, Node, Source
from apps_engine.language.sugar.steps import step, steps

MAIN = "main"

_STEP_LISTS = ("pipeline", "steps", "actions")
_FLOW_NAMES = {"actions": "steps", "operations": "steps"}
_RESPONSE_NAMES = {"text": "template", "blocks": "ui", "ui_blocks": "ui"}
_ELSEWHERE = frozenset({"id", "oauth_required"})


def flow_keys(source: Source) -> Collection[str]:
    """The top-level keys that the flows are made of; with `flows` there, the others are strangers."""
    return ("flows",) if "flows" in source else (*_STEP_LISTS, "response")


def flows(source: Source) -> Node:
    """The named flows of a document; None when it has no steps at all."""
    if "flows" in source:
        return _canonical(source["flows"])
    made: dict[str, Node] = {}
    for number, action in enumerate(_operations(source), start=1):
        made[_name(action, number, made)] = _flow(action, without=_ELSEWHERE)
    if any(key in source for key in flow_keys(source)) and (main := _main(source)) is not None:
        made = {MAIN: main, **made}
    return Made(made, source.pointer) if made else None


def _canonical(source: Source) -> Node:
    return Made({k: _flow(v) for k, v in source.members().items()}, source.pointer) if source.is_object else source


def holds_operations(action: Source) -> bool:
    """Whether an action is a superpower's: a named list of operations. A loop has operations too, but a type."""
    return "operations" in action and "type" not in action and "action" not in action


def _operations(source: Source) -> list[Source]:
    return list(filter(holds_operations, source["actions"].elements())) if "actions" in source else []


def _name(action: Source, number: int, taken: Collection[str]) -> str:
    name = action["id"].value if "id" in action and isinstance(action["id"].value, str) else f"action_{number}"
    # Validation reports a name with two underscores and a number as a name given twice.
    return name if name not in taken else f"{name}__{number}"


def _flow(source: Source, without: Collection[str] = ()) -> Node:
    if source.is_list:
        return Made({"steps": steps(source)}, source.pointer)
    if not source.is_object:
        return source
    members = renamed(source.members(), _FLOW_NAMES, without=without)
    return Made({key: _part(key, value) for key, value in members.items()}, source.pointer)


def _part(key: str, node: Node) -> Node:
    if isinstance(node, Source) and key in ("steps", "response"):
        return steps(node) if key == "steps" else _response(node)
    return node


def _response(source: Source) -> Node:
    if isinstance(source.value, str):
        return Made({"template": source}, source.pointer)
    return Made(renamed(source.members(), _RESPONSE_NAMES), source.pointer) if source.is_object else source


def _main(source: Source) -> Node:
    """The flow of a micro-app: its pipeline, then its actions."""
    lists = [source[key] for key in _STEP_LISTS if key in source]
    unreadable = next((part for part in lists if not part.is_list), None)
    entries = [entry for part in lists for entry in part.elements() if not holds_operations(entry)]
    made = [canonical for entry in entries for canonical in step(entry)]
    response = {"response": _response(source["response"])} if "response" in source else {}
    if unreadable is not None:
        return Made({"steps": unreadable, **response}, source.pointer)
    if not made and not response and any(_operations(source)):
        return None
    return Made({"steps": Made(made, lists[-1].pointer if lists else source.pointer), **response}, source.pointer)
