"""How much of something a tenant may use, and how much it has used (RUN-07)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from decommerce.tenancy.models import Retention, TenantModel


class QuotaOverride(TenantModel):
    """What an operator allows one tenant instead of the default. A tenant without a row has the default."""

    name = models.CharField(max_length=32)
    allowed = models.BigIntegerField()
    changed_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="quota_once_per_tenant")]


class QuotaUse(TenantModel):
    """What was used in one window, which begins at `starts_at` by the database's clock in UTC.

    `granted` is what the latest reservation got, so that the statement that reserves can tell it.
    """

    # A run may be put off into the windows of the next day.
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("quota_uses", "what was used of quotas", "starts_at", usual=35, least=2),
    )

    name = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    used = models.BigIntegerField(default=0)
    granted = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name", "starts_at"], name="quota_use_once_a_window")]
