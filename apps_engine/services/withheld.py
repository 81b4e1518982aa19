"""What is left out of runs for those who may see that they happened, and not the data of the community in them.

`apps:read` shows apps and how their runs went; what runs were given, read and made holds members' data, and takes
`data:read` as well (SEC-01, SEC-06).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decommerce.tenancy.principal import Principal

WITHHELD = (
    "What the run was given, read and made is left out: it can hold members' data, and to see that takes the "
    "permission “data:read” as well."
)
# What an error says without quoting a value.
_TOLD_OF_AN_ERROR = ("code", "path", "hint", "retryable")


def may_see_contents(principal: Principal) -> bool:
    """Whether the principal may see what runs read and made."""
    return principal.may("data:read")


def run_without_contents(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run as presented, and nothing of anybody's data in it; `withheld` says why."""
    kept = {
        **run,
        "trigger": {**run["trigger"], "data": None},
        "inputs": {},
        "result": None,
        "error": error_without_values(run["error"]),
        "withheld": WITHHELD,
    }
    if "steps" in run:
        kept["steps"] = [
            {**step, "input": None, "output": None, "error": error_without_values(step["error"])}
            for step in run["steps"]
        ]
    return kept


def effect_without_contents(effect: Mapping[str, Any]) -> dict[str, Any]:
    """A call as presented, without what it was answered; its key may be made of a member's address."""
    bare = {"key": "", "response": None, "error": error_without_values(effect["error"])}
    return {**effect, **bare, "withheld": WITHHELD}


def decision_without_contents(decision: Mapping[str, Any]) -> dict[str, Any]:
    """A decision as presented, without the value of the event that kept the app from running."""
    bare = {name: _without_actual(decision[name]) for name in ("details", "clause") if name in decision}
    return {**decision, **bare, "withheld": WITHHELD} if bare else dict(decision)


def error_without_values(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An error's code and what to do about it; its message may quote what it stumbled on."""
    if error is None:
        return None
    return {**{name: error[name] for name in _TOLD_OF_AN_ERROR if name in error}, "message": WITHHELD}


def _without_actual(details: Any) -> Any:
    return {**details, "actual": None} if isinstance(details, Mapping) and "actual" in details else details
