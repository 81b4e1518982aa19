"""Which hosts an app may call: those that its definition names, of those that the community allows (SEC-01, SEC-02)."""

from __future__ import annotations

from apps_engine.contracts import ActionContext
from decommerce.tenancy.errors import PlatformError


class DomainNotPermitted(PlatformError):
    """The definition does not say that the app calls this host."""

    code = "domain_not_permitted"
    status = 403


def require_named(host: str, context: ActionContext) -> None:
    """Raise DomainNotPermitted unless the definition names the host, wherever its address came from in the run."""
    if host not in context.permissions.get("domains", ()):
        raise DomainNotPermitted(
            f"This app may not call {host}.", hint=f'Add "permissions": {{"domains": ["{host}"]}} to its definition.'
        )
