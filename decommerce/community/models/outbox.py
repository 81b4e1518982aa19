"""Events that were decided and have not arrived yet."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from decommerce.community.exact_json import ExactJSONDecoder, ExactJSONEncoder
from decommerce.tenancy.models import TenantModel


class OutboxEvent(TenantModel):
    """One CloudEvents envelope, written with the change it tells of and kept until the engine has taken it in.

    The queue may lose what it took; a row that was published and is still here some time later is published again.
    """

    policy_only = True
    scheduler_columns: ClassVar[tuple[str, ...]] = ("id", "tenant_id", "created_at", "published_at", "attempts")

    event_id = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    envelope = models.JSONField(encoder=ExactJSONEncoder, decoder=ExactJSONDecoder)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "event_id"], name="outbox_event_once")]
        indexes = [models.Index(fields=["tenant", "created_at"], name="outbox_by_created")]
