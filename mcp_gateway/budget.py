"""What a request spends: lists, resources and prompts one read; a call of a tool by what it does. Greeting is free."""

from __future__ import annotations

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError

from apps_engine.api.rates import RateLimited, spend
from mcp_gateway.authentication import current_principal
from mcp_gateway.threads import in_own_thread

# In the range that JSON-RPC leaves to servers.
RATE_LIMITED = -32029
_FREE = frozenset({"tools/call", "ping", "initialize", "server/discover"})


async def spend_on_requests(context: ServerRequestContext, call_next: CallNext) -> HandlerResult:
    """Refuse a request for which there is no budget left; notifications cost nothing."""
    if context.request_id is not None and context.method not in _FREE:
        try:
            await in_own_thread(spend, current_principal(), "read")
        except RateLimited as error:
            raise MCPError(RATE_LIMITED, error.message, error.as_dict()) from error
    return await call_next(context)
