"""Founding a tenant, and giving people their seats in its team."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError

from decommerce.community.values import checked
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Membership, Tenant, User

OWNER = "owner"


class TenantRefused(PlatformError):
    """A tenant that cannot be founded: slug_taken or owner_database_missing."""

    status = 409


def found_tenant(name: str, slug: str, timezone: str = "UTC") -> Tenant:
    """A new tenant; raises TenantRefused and ValueInvalid.

    The runtime may read tenants only, so this goes through the owner's own connection and commits at once.
    """
    if OWNER not in settings.DATABASES:
        raise TenantRefused(
            "DATABASE_URL is not set.",
            hint="Give the address of the role that owns the tables: only it may found a tenant.",
            code="owner_database_missing",
        )
    values = {
        field: checked(Tenant, field, value)
        for field, value in (("name", name), ("slug", slug), ("timezone", timezone))
    }
    try:
        tenant = Tenant.objects.using(OWNER).create(**values)
    except IntegrityError as error:
        raise TenantRefused(f"There is a tenant “{slug}” already.", code="slug_taken") from error
    return Tenant.objects.get(pk=tenant.pk)


def seat(tenant: Tenant, email: str, role: str, *, display_name: str = "", password: str | None = None) -> User:
    """Give someone a seat in the team, as a new person where nobody has the address; raises ValueInvalid.

    A password is set only for a new person. A seat that is there already gets the role.
    """
    address = checked(User, "email", email.strip().lower())
    person = User.objects.filter(email=address).first()
    if person is None:
        name = display_name or address.partition("@")[0]
        person = User.objects.create_user(address, password, display_name=name)
    with tenant_scope(tenant.pk):
        Membership.objects.update_or_create(user=person, defaults={"role": checked(Membership, "role", role)})
    return person
