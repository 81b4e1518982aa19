"""The record of what was done, by whom; rows are only ever added (SEC-05)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from decommerce.tenancy.models.base import TenantModel
from decommerce.tenancy.models.retention import Retention


class AuditEntry(TenantModel):
    """One deed. `verb` is dotted ("app.paused"), `target` names its object ("app:12"), `details` holds no secrets."""

    append_only = True
    retention: ClassVar[tuple[Retention, ...]] = (Retention("audit", "the audit log", "at", usual=0, least=365),)

    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=64)
    target = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "target", "-id"], name="audit_by_target")]
