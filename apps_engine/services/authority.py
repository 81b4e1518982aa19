"""Nobody makes an app that may do more than they: an app acts with what its blocks need (SEC-01, SEC-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps_engine.registry import registry
from decommerce.tenancy.principal import Principal


def require_blocks(principal: Principal, definition: Mapping[str, Any]) -> None:
    """Raise PermissionRefused unless the principal holds the scope of every connector and action of a definition."""
    for step in _steps(step for flow in definition["flows"].values() for step in flow["steps"]):
        if "fetch" in step:
            principal.require(registry.connectors[step["fetch"]].scope)
        if "act" in step:
            principal.require(registry.actions[step["act"]].scope)


def _steps(steps: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        yield step
        yield from _steps(step.get("steps", ()))
        for arm in step.get("branch", ()):
            yield from _steps(arm["steps"])
