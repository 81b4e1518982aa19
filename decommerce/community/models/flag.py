"""Flags: somebody, or an app, asks the moderators to look at a post."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from decommerce.community.models.post import Post
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class FlagSeverity(models.TextChoices):
    """How urgent a look is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Flag(TenantModel):
    """One flag; open until `resolved_at`. An app, and anyone else, has at most one open flag on a post."""

    post = TenantForeignKey(Post, on_delete=models.CASCADE, related_name="flags")
    reason = models.CharField(max_length=500)
    severity = models.CharField(max_length=8, choices=FlagSeverity.choices, default=FlagSeverity.MEDIUM)
    raised_by_label = models.CharField(max_length=200)
    app_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "post", "app_id"],
                condition=Q(resolved_at=None, app_id__isnull=False),
                name="flag_open_once_per_app",
            ),
            models.UniqueConstraint(
                fields=["tenant", "post", "raised_by_label"],
                condition=Q(resolved_at=None, app_id=None),
                name="flag_open_once_per_actor",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="flag_by_created")]
