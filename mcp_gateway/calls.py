"""One call of a tool: budget, tenant, cause, body, answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps_engine.api.rates import spend
from apps_engine.language.errors import LanguageError
from apps_engine.runtime.errors import StepError
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.keys import record_use
from decommerce.tenancy.principal import Principal
from mcp_gateway.answers import INTERNAL, described
from mcp_gateway.arguments import Arguments
from mcp_gateway.once import call_once
from mcp_gateway.tools import Tool

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: the tool's result, or an error that a model can act on."""

    value: dict[str, Any]
    failed: bool = False
    replayed: bool = False


def perform(tool: Tool, principal: Principal, given: Arguments) -> Outcome:
    """Call the tool; an error leaves nothing behind and is an outcome too."""

    def body() -> Outcome:
        spend(principal, "read" if tool.kind == "read" else "write")
        with tenant_scope(principal.tenant_id, boundary="tool"), caused_by(Cause(principal)):
            if principal.kind == "api_key" and principal.id is not None:
                record_use(principal.id)
            result, replayed = call_once(tool, principal, given)
            return Outcome(result, replayed=replayed)

    return guarded(tool.name, principal, body)


def guarded(what: str, principal: Principal, body: Callable[[], Outcome]) -> Outcome:
    """What the body comes to. Faults of the platform are logged and not told."""
    try:
        return body()
    except (PlatformError, LanguageError, StepError) as error:
        return Outcome(described(error), failed=True)
    except Exception:
        logger.exception("tool %s failed for tenant %s", what, principal.tenant_id)
        return Outcome(INTERNAL, failed=True)
