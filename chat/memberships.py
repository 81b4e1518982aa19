"""The tenants that a person may sign in to."""

from __future__ import annotations

from decommerce.tenancy.context import locator_scope
from decommerce.tenancy.models import Membership, Tenant


def tenants_of(user_id: int) -> list[Tenant]:
    """Every tenant of the person, by name. Works before any tenant is known."""
    with locator_scope("user_id", str(user_id)):
        ids = list(Membership.across_tenants.filter(user_id=user_id).values_list("tenant_id", flat=True))
    return list(Tenant.objects.filter(pk__in=ids).order_by("name"))
