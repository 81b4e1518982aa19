"""Missions, and how far members are with them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class MissionStatus(models.TextChoices):
    """Members can work on an active mission only."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"


class Mission(TenantModel):
    """Something to do, for XP."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=MissionStatus.choices, default=MissionStatus.ACTIVE)
    xp_reward = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    app_id = models.BigIntegerField(null=True)
    idem_key = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "idem_key"], name="mission_idem_once")]
        indexes = [models.Index(fields=["tenant", "status", "ends_at"], name="mission_by_status")]

    def __str__(self) -> str:
        return self.title


class UserMissionStatus(models.TextChoices):
    """Where a member stands with a mission."""

    STARTED = "started"
    COMPLETED = "completed"


class UserMission(TenantModel):
    """A member works on a mission; `progress` is in percent."""

    mission = TenantForeignKey(Mission, on_delete=models.CASCADE, related_name="user_missions", db_index=False)
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="user_missions", db_index=False)
    status = models.CharField(max_length=16, choices=UserMissionStatus.choices, default=UserMissionStatus.STARTED)
    progress = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "mission", "member"], name="user_mission_once")]
        indexes = [
            models.Index(fields=["tenant", "status", "-started_at"], name="user_mission_by_status"),
            models.Index(fields=["tenant", "member"], name="user_mission_by_member"),
        ]
