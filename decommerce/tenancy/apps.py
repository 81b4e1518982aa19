"""The ground of the platform."""

from __future__ import annotations

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Tenants, people, keys, audit, and the wall between tenants."""

    name = "decommerce.tenancy"
    label = "tenancy"
    verbose_name = "Tenancy"
