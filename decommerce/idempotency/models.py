"""What was answered to a write that carried an idempotency key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from decommerce.tenancy.encrypted_text import EncryptedTextField
from decommerce.tenancy.models import Retention, TenantModel

LONGEST_KEY = 255


class KeptAnswer(TenantModel):
    """One answer. `principal` is who asked ("api_key:7"), `operation` the route or the tool, `fingerprint` the SHA-256
    of the canonical request. The body is encrypted at rest: an answer may hold a secret that is shown once.
    """

    # A key is good for 24 hours.
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("idempotency_keys", "answers kept for requests sent again", "answered_at", usual=2, least=1),
    )

    principal = models.CharField(max_length=80)
    operation = models.CharField(max_length=200)
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = EncryptedTextField()
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "principal", "operation", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["tenant", "answered_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
