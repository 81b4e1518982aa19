"""What is left out of runs for those who may see that they happened, and not the data of the community in them.

`apps:read` shows apps and how their runs went; what runs were given, read and made holds members' data, and takes
`data:read` as well (SEC-01, SEC-06). What a run found in somebody's mailbox is theirs alone, whatever others may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.services.authority import account_owner
from apps_engine.store.models import Execution
from decommerce.tenancy.principal import Principal

WITHHELD = (
    "What the run was given, read and made is left out: it can hold members' data, and to see that takes the "
    "permission “data:read” as well."
)
ANOTHERS = (
    "What the run was given, read and made is left out: it used the connected accounts of {owner}, who alone sees it."
)
# The words by which a step is told of, none of which is anybody's data.
_KINDS = ("connector", "transform", "action")
# What an error says without quoting a value.
_TOLD_OF_AN_ERROR = ("code", "path", "hint", "retryable")


def may_see_contents(principal: Principal) -> bool:
    """Whether the principal may see what runs read and made."""
    return principal.may("data:read")


def why_withheld(principal: Principal, run: Execution) -> str:
    """Why the principal does not see what a run read and made; '' for those who do. Reads its app and version."""
    if not may_see_contents(principal):
        return WITHHELD
    owner = account_owner(run.app, run.version)
    return "" if owner in (None, principal.user_id) else ANOTHERS.format(owner=run.app.created_by)


def bare(run: Execution, why: str) -> Execution:
    """The run, with its steps, as it is shown without its contents. It is not to be saved."""
    run.trigger, run.inputs, run.result = {}, {}, None
    run.error = error_without_values(run.error, why)
    for step in run.steps.all():
        step.input = {name: step.input[name] for name in _KINDS if name in (step.input or {})}
        step.output, step.error = None, error_without_values(step.error, why)
    return run


def run_without_contents(run: Mapping[str, Any], why: str) -> dict[str, Any]:
    """A run as presented, and nothing of anybody's data in it; `withheld` says why."""
    kept = {
        **run,
        "trigger": {**run["trigger"], "data": None},
        "inputs": {},
        "result": None,
        "error": error_without_values(run["error"], why),
        "withheld": why,
    }
    if "steps" in run:
        kept["steps"] = [
            {**step, "input": None, "output": None, "error": error_without_values(step["error"], why)}
            for step in run["steps"]
        ]
    return kept


def effect_without_contents(effect: Mapping[str, Any], why: str) -> dict[str, Any]:
    """A call as presented, without what it was answered; its key and host may be made of a member's address."""
    left = {"key": "", "host": "", "response": None, "error": error_without_values(effect["error"], why)}
    return {**effect, **left, "withheld": why}


def decision_without_contents(decision: Mapping[str, Any]) -> dict[str, Any]:
    """A decision as presented, without the value of the event that kept the app from running."""
    left = {name: _without_actual(decision[name]) for name in ("details", "clause") if name in decision}
    return {**decision, **left, "withheld": WITHHELD} if left else dict(decision)


def error_without_values(error: Mapping[str, Any] | None, why: str = WITHHELD) -> dict[str, Any] | None:
    """An error's code and what to do about it; its message may quote what it stumbled on."""
    if error is None:
        return None
    return {**{name: error[name] for name in _TOLD_OF_AN_ERROR if name in error}, "message": why}


def _without_actual(details: Any) -> Any:
    return {**details, "actual": None} if isinstance(details, Mapping) and "actual" in details else details
