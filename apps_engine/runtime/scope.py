"""The names a template can reach: global, then flow, then loop; an inner name hides an outer one (LNG-01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps_engine.language.instants import format_instant

Scope = dict[str, Any]


def global_scope(
    *,
    now: datetime,
    trigger: Mapping[str, Any],
    inputs: Mapping[str, Any],
    tenant: Mapping[str, Any],
    app: Mapping[str, Any],
    run: Mapping[str, Any],
    state: Mapping[str, Any] | None = None,
) -> Scope:
    """The outermost names of a run. Values are JSON values. The state is one object that all scopes inside share."""
    return {
        "now": format_instant(now),
        "today": now.date().isoformat(),
        "trigger": trigger,
        "inputs": inputs,
        "tenant": tenant,
        "app": app,
        "run": run,
        "state": dict(state or {}),
    }


def item_scope(outer: Scope, name: str, item: Any, index: int, count: int) -> Scope:
    """The names inside a loop's body: the item, and `loop` with its place."""
    loop = {"index": index, "number": index + 1, "first": index == 0, "last": index == count - 1, "length": count}
    return {**outer, name: item, "loop": loop}


def remember(scope: Scope, output: Any) -> dict[str, Any]:
    """Change the state by the keys that an action's result holds as `state`; the result with the whole of it."""
    scope["state"].update(output.get("state", {}))
    return {**output, "state": dict(scope["state"])}
