"""What members are told inside the platform, and what they want to be told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantModel


class Channel(models.TextChoices):
    """The ways to reach a member."""

    IN_APP = "in_app"
    PUSH = "push"
    EMAIL = "email"


class Notification(TenantModel):
    """One line in a member's inbox; unread until `read_at`."""

    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("notifications", "notifications of members", "created_at", usual=365, least=30),
    )

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)
    topic = models.CharField(max_length=64, blank=True)
    read_at = models.DateTimeField(null=True)
    app_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    idem_key = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "idem_key"], name="notification_once")]
        indexes = [
            models.Index(fields=["tenant", "member", "-created_at"], name="notification_by_member"),
            models.Index(fields=["tenant", "-created_at"], name="notification_by_created"),
        ]


class NotificationPreference(TenantModel):
    """A member turned a channel on or off, for one topic or, with an empty `topic`, for all. Silence means on."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="preferences", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    topic = models.CharField(max_length=64, blank=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "member", "channel", "topic"], name="preference_once")]
