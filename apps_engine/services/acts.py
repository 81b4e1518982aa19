"""One act of somebody: an action of the registry, done as an app does it, with no run around it (MCP-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.utils import timezone
from pydantic import BaseModel

from apps_engine.contracts import Call, LocalAction
from apps_engine.registry import registry
from apps_engine.services.quotas import spend
from apps_engine.services.rows import asked_by
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal


class NothingDone(PlatformError):
    """The action refused, and said why in one word, which is the code."""

    code = "nothing_done"
    status = 409


def act(principal: Principal, name: str, params: BaseModel) -> dict[str, Any]:
    """What a local action answers to one call; audited. Needs the tenant's scope.

    Raises NothingDone where the action wrote nothing, so that nobody takes a refusal for a result; QuotaReached.
    """
    action = registry.actions[name]
    assert isinstance(action, LocalAction)
    principal.require(action.scope)
    spend(action.spends, 1)
    call = Call(params, f"call:{uuid4()}")
    (result,) = action.apply([call], asked_by(principal, timezone.now()))
    if result.get("created") is False:
        reason = str(result.get("skipped") or "nothing_done")
        message = f"Nothing was written: {reason.replace('_', ' ')}."
        raise NothingDone(message, hint="Look up the numbers and call again.", code=reason)
    record_audit(principal, f"data.{name}", _target(name, result), {"result": dict(result), **_aims(action, params)})
    return dict(result)


def _target(name: str, result: Mapping[str, Any]) -> str:
    """What was made, such as post:12; else the action."""
    made = next((key for key in result if key.endswith("_id") and result[key] is not None), None)
    return f"action:{name}" if made is None else f"{made.removesuffix('_id')}:{result[made]}"


def _aims(action: LocalAction, params: BaseModel) -> dict[str, Any]:
    """Whom and what it was about; texts are in the rows themselves."""
    given = params.model_dump(mode="json")
    aims = {name: given[name] for name in action.targets if given.get(name) is not None}
    return {"params": aims} if aims else {}
