"""Nobody makes an app that may do more than they, or starts one on another's accounts (SEC-01, SEC-04, SEC-06)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps_engine.registry import registry
from apps_engine.services.errors import AccountsOfAnother
from apps_engine.store.models import App, AppVersion
from decommerce.tenancy.principal import Principal


def require_blocks(principal: Principal, definition: Mapping[str, Any]) -> None:
    """Raise PermissionRefused unless the principal holds the scope of every connector and action of a definition."""
    for step in _steps(step for flow in definition["flows"].values() for step in flow["steps"]):
        if "fetch" in step:
            principal.require(registry.connectors[step["fetch"]].scope)
        if "act" in step:
            principal.require(registry.actions[step["act"]].scope)


def account_owner(app: App, version: AppVersion) -> int | None:
    """The user whose connected accounts a run of this version uses; None where it uses nobody's (SEC-06)."""
    permissions = version.definition.get("permissions") or {}
    return app.owner_id if permissions.get("oauth") and app.owner_id == version.author_id else None


def require_own_accounts(principal: Principal, app: App, version: AppVersion) -> None:
    """Raise AccountsOfAnother where a run would read the mail, or the calendar, of somebody who did not ask for it.

    Whoever starts a run by hand chooses its inputs, and with them what is looked for.
    """
    if account_owner(app, version) not in (None, principal.user_id):
        raise AccountsOfAnother(
            f"“{app.name}” uses the connected accounts of {app.created_by}, who alone starts it by hand.",
            hint="Ask them to run it, or make an app of your own from its definition.",
        )


def _steps(steps: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        yield step
        yield from _steps(step.get("steps", ()))
        for arm in step.get("branch", ()):
            yield from _steps(arm["steps"])
