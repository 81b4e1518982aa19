"""Naming a tenant on the command line."""

from __future__ import annotations

from django.core.management.base import CommandError

from decommerce.tenancy.models import Tenant


def tenant_named(slug: str) -> Tenant:
    """The tenant with this slug; raises CommandError with the slugs there are."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        slugs = ", ".join(Tenant.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise CommandError(f"There is no tenant “{slug}”. Tenants: {slugs or 'none yet'}.")
    return tenant
