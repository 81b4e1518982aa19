"""How many sessions of the older era a community may have open at once, so that none takes the room of all others."""

from __future__ import annotations

from collections import Counter

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError

from mcp_gateway.authentication import current_principal
from mcp_gateway.budget import RATE_LIMITED

MOST_PER_TENANT = 200


class Sessions:
    """The open sessions of this process, counted by community: a middleware of the SDK's server."""

    def __init__(self) -> None:
        self._open: Counter[int] = Counter()

    async def __call__(self, context: ServerRequestContext, call_next: CallNext) -> HandlerResult:
        if context.method != "initialize":
            return await call_next(context)
        tenant_id = current_principal().tenant_id
        if self._open[tenant_id] >= MOST_PER_TENANT:
            error = {"code": "too_many_sessions", "retryable": True, "hint": "End sessions that are no longer needed."}
            raise MCPError(RATE_LIMITED, f"This community has {MOST_PER_TENANT} sessions open.", error)
        result = await call_next(context)
        self._open[tenant_id] += 1
        # The SDK hands a connection's end to middleware by this stack, which its session does not show.
        context.session._connection.exit_stack.callback(self._close, tenant_id)
        return result

    def _close(self, tenant_id: int) -> None:
        self._open[tenant_id] -= 1
        if not self._open[tenant_id]:
            del self._open[tenant_id]
