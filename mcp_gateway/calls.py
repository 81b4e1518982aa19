"""One call of a tool: budget, tenant, cause, body, answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from mcp.types import CallToolResult

from apps_engine.api.rates import spend
from apps_engine.language.errors import LanguageError
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.keys import record_use
from decommerce.tenancy.principal import Principal
from mcp_gateway.answers import crash, failure, success
from mcp_gateway.once import call_once
from mcp_gateway.tools import Tool

logger = logging.getLogger(__name__)


def call(tool: Tool, principal: Principal, arguments: Mapping[str, Any] | None) -> CallToolResult:
    """The answer to a call; an error leaves nothing behind and comes back as an answer."""
    try:
        spend(principal, "read" if tool.kind == "read" else "write")
        with tenant_scope(principal.tenant_id), caused_by(Cause(principal)):
            if principal.kind == "api_key" and principal.id is not None:
                record_use(principal.id)
            result, replayed = call_once(tool, principal, arguments)
            return success(result, replayed=replayed)
    except (PlatformError, LanguageError) as error:
        return failure(error)
    except Exception:
        logger.exception("tool %s failed for tenant %s", tool.name, principal.tenant_id)
        return crash()
