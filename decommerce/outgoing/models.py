"""What a tenant may call, and what it called."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from decommerce.outgoing.record import CallRecord
from decommerce.tenancy.models import Retention, TenantModel


class AllowedDomain(TenantModel):
    """An entry of the tenant's list, in the spelling of `domains.normalise_pattern`.

    `secret_version` picks the secret that calls to it are signed with; `rotated_at` is when it last changed.
    """

    pattern = models.CharField(max_length=255)
    secret_version = models.PositiveIntegerField(default=1)
    rotated_at = models.DateTimeField(null=True)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "pattern"], name="allowed_domain_once")]
        ordering = ["pattern"]

    def __str__(self) -> str:
        return self.pattern


class OutgoingCall(TenantModel):
    """One call through the door, redacted, for audit (ACT-02). Rows are only ever added.

    `app_id` and `execution_id` are numbers and not references: the log outlives both.
    """

    append_only = True
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("outgoing_calls", "the log of outgoing calls", "at", usual=90, least=1),
    )

    at = models.DateTimeField(auto_now_add=True)
    app_id = models.BigIntegerField(null=True)
    execution_id = models.BigIntegerField(null=True)
    method = models.CharField(max_length=8)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    path = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=64, blank=True)
    sent = models.BooleanField()
    request_bytes = models.BigIntegerField()
    response_bytes = models.BigIntegerField()
    duration_ms = models.BigIntegerField()
    hops = models.JSONField(default=list)
    request_headers = models.JSONField(default=dict)
    response_headers = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-at"], name="outgoing_call_by_time")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.method} {self.host}{self.path}"

    @classmethod
    def of(cls, record: CallRecord, **origin: Any) -> OutgoingCall:
        """An unsaved row of the record; `origin` is its `app_id` and `execution_id`."""
        return cls(**record.as_dict(), **origin)
