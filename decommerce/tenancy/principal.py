"""Who acts, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from decommerce.tenancy.errors import PlatformError

SCOPES: dict[str, str] = {
    "apps:read": "See apps, their versions, and how their runs went",
    "apps:write": "Create, change, pause and delete apps",
    "apps:run": "Run an app by hand",
    "data:read": "Read members, posts and orders, also where a run read them",
    "data:write": "Write posts and send notifications",
    "events:write": "Send events",
    "admin": "Manage keys and members of the team",
}

ROLE_SCOPES: dict[str, frozenset[str]] = {
    "owner": frozenset(SCOPES),
    "admin": frozenset(SCOPES),
    "moderator": frozenset({"apps:read", "apps:run", "data:read", "data:write"}),
    "member": frozenset(),
}


class PermissionRefused(PlatformError):
    """The principal lacks a scope."""

    code = "permission_refused"
    status = 403


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone or something that acts in one tenant. `kind` is user, api_key, app or system.

    `confirms` is set for keys whose changes a person has to confirm, one by one.
    """

    kind: str
    id: int | None
    label: str
    tenant_id: int
    scopes: frozenset[str]
    role: str | None = None
    confirms: bool = False

    @property
    def user_id(self) -> int | None:
        """The user who acts; None for a key, an app or the platform itself."""
        return self.id if self.kind == "user" else None

    def may(self, scope: str) -> bool:
        """Whether the principal holds the scope."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raise PermissionRefused unless the principal holds the scope."""
        if not self.may(scope):
            raise PermissionRefused(
                f"{self.label} may not do this: it needs “{scope}”.",
                hint=f"Ask an owner for the permission to: {SCOPES[scope].lower()}.",
            )


def system_principal(tenant_id: int, label: str) -> Principal:
    """The platform itself acting in a tenant (importers, seeding, the shell)."""
    return Principal("system", None, label, tenant_id, frozenset(SCOPES))
