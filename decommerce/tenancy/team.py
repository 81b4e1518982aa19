"""The people of a tenant's team and their roles (SEC-04)."""

from __future__ import annotations

from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.errors import NotFound, PlatformError
from decommerce.tenancy.models import Membership
from decommerce.tenancy.models.membership import Role
from decommerce.tenancy.principal import Principal

MOST_SHOWN = 500
LEADING = (Role.OWNER, Role.ADMIN, Role.MODERATOR)


class RoleRefused(PlatformError):
    """The role cannot be given or taken so."""

    code = "role_refused"
    status = 409


def list_team(principal: Principal) -> list[Membership]:
    """Everybody with a role in the team, owners first; who is a member only is not listed."""
    principal.require("admin")
    rows = Membership.objects.filter(role__in=LEADING).select_related("user")[:MOST_SHOWN]
    return sorted(rows, key=lambda row: (LEADING.index(Role(row.role)), row.pk))


def set_role(principal: Principal, membership_id: int, role: str) -> Membership:
    """Give somebody of the team another role; audited.

    Only an owner makes or unmakes owners, nobody changes their own role, and one owner stays. Raises NotFound,
    RoleRefused and PermissionRefused.
    """
    principal.require("admin")
    # Every owner's row is locked, so that two who leave at once do not both leave.
    owners = list(Membership.objects.select_for_update().filter(role=Role.OWNER).order_by("pk"))
    row = Membership.objects.select_for_update().select_related(None).filter(pk=membership_id).first()
    if row is None:
        raise NotFound(f"There is nobody of the number {membership_id} here.", hint="Look at the list of the team.")
    if role not in Role.values:
        raise RoleRefused(f"There is no role “{role}”.", hint=f"Roles: {', '.join(Role.values)}.")
    if row.user_id == principal.user_id:
        raise RoleRefused("Nobody changes their own role.", hint="Ask another owner or admin.")
    if Role.OWNER in (role, row.role) and principal.role != Role.OWNER:
        raise RoleRefused("Only owners make and unmake owners.", hint="Ask an owner.")
    if row in owners and role != Role.OWNER and len(owners) == 1:
        raise RoleRefused("This is the last owner.", hint="Make somebody else an owner first.")
    before, row.role = row.role, role
    row.save(update_fields=["role"])
    record_audit(principal, "team.role_changed", f"user:{row.user_id}", {"from": before, "to": role})
    return row
