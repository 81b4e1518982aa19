"""What every table with a tenant shares.

Row level security is the wall (see `tenancy.isolation`); the manager's filter lets the planner use the tenant's indexes
and turns a forgotten scope into an error instead of an empty answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models

from decommerce.tenancy.context import current_tenant_id
from decommerce.tenancy.models.retention import Retention
from decommerce.tenancy.models.tenant import Tenant


class TenantForeignKey(models.ForeignKey):
    """A foreign key inside one tenant.

    A plain constraint would accept another tenant's row; isolation adds (tenant_id, x_id) -> (tenant_id, id) instead.
    """

    def __init__(self, to: Any, on_delete: Any, **options: Any) -> None:
        options["db_constraint"] = False
        super().__init__(to, on_delete, **options)


class TenantManager(models.Manager):
    """Rows of the tenant in scope only; new rows belong to it."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(tenant_id=current_tenant_id())

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        rows = list(objs)
        tenant_id = current_tenant_id()
        for row in rows:
            row.tenant_id = row.tenant_id or tenant_id
        return super().bulk_create(rows, *args, **options)


class TenantModel(models.Model):
    """A row of one tenant.

    `append_only` leaves the runtime SELECT and INSERT; `scheduler_columns` and `scheduler_updates` are what the
    scheduler's role may read and write across tenants; `locators` maps a setting to the column that it must equal for
    a row to be seen before the tenant is known. `retention` says how long rows are kept.
    `policy_only` spares what comes by the thousand a constraint on the tenant: row level security holds it to the one
    in scope, which was looked up.
    """

    append_only: ClassVar[bool] = False
    scheduler_columns: ClassVar[tuple[str, ...]] = ()
    scheduler_updates: ClassVar[tuple[str, ...]] = ()
    locators: ClassVar[dict[str, str]] = {}
    retention: ClassVar[tuple[Retention, ...]] = ()
    policy_only: ClassVar[bool] = False

    # Isolation's index of each table begins with it, and isolation adds the constraint where no other implies it.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, editable=False, related_name="+", db_index=False, db_constraint=False
    )

    objects = TenantManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        self.tenant_id = self.tenant_id or current_tenant_id()
        super().save(*args, **options)
