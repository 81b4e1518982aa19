"""API keys of agents: the bearer token of every MCP request is one of the tenant's keys (MCP-01)."""

from __future__ import annotations

from functools import partial

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken

from decommerce.tenancy.connections import read_alive
from decommerce.tenancy.keys import KeyRefused, authenticate_key
from decommerce.tenancy.principal import Principal
from mcp_gateway.threads import in_own_thread


class PrincipalToken(AccessToken):
    """A verified key with the principal behind it."""

    principal: Principal


class KeyVerifier:
    """The SDK's TokenVerifier over the tenants' keys."""

    async def verify_token(self, token: str) -> PrincipalToken | None:
        """The verified key, None for one that is unknown, expired or revoked (the SDK then answers 401)."""
        try:
            principal = await in_own_thread(read_alive, partial(authenticate_key, token))
        except KeyRefused:
            return None
        return PrincipalToken(
            token=token,
            client_id=f"api_key:{principal.id}",
            scopes=sorted(principal.scopes),
            subject=str(principal.tenant_id),
            principal=principal,
        )


def current_principal() -> Principal:
    """The principal of the request at hand. Every route is behind the verifier, so there is one."""
    token = get_access_token()
    if not isinstance(token, PrincipalToken):
        raise TypeError("an MCP request came past its authentication")
    return token.principal
