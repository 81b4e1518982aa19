"""Events that were decided and wait to be published."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from decommerce.community.exact_json import ExactJSONDecoder, ExactJSONEncoder
from decommerce.tenancy.models import TenantManager, TenantModel


class OutboxEvent(TenantModel):
    """One CloudEvents envelope, written with the change it tells of and deleted once it is on the queue."""

    scheduler_columns: ClassVar[tuple[str, ...]] = ("id", "tenant_id", "created_at")

    envelope = models.JSONField(encoder=ExactJSONEncoder, decoder=ExactJSONDecoder)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager()
    across_tenants = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "created_at"], name="outbox_by_created")]
