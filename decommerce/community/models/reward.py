"""Rewards, and who claimed them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class RewardStatus(models.TextChoices):
    """Only an active reward can be claimed."""

    ACTIVE = "active"
    ENDED = "ended"


class Reward(TenantModel):
    """Something a member can have for `cost_xp`; `stock` is how many are left, null for as many as are asked for."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=RewardStatus.choices, default=RewardStatus.ACTIVE)
    cost_xp = models.PositiveIntegerField(default=0)
    stock = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    app_id = models.BigIntegerField(null=True)
    idem_key = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "idem_key"], name="reward_idem_once")]
        indexes = [models.Index(fields=["tenant", "status"], name="reward_by_status")]

    def __str__(self) -> str:
        return self.title


class ClaimStatus(models.TextChoices):
    """A claim waits until the team fulfils or cancels it."""

    CLAIMED = "claimed"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class RewardClaim(TenantModel):
    """A member wants a reward; once each."""

    reward = TenantForeignKey(Reward, on_delete=models.CASCADE, related_name="claims", db_index=False)
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="claims")
    status = models.CharField(max_length=16, choices=ClaimStatus.choices, default=ClaimStatus.CLAIMED)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "reward", "member"], name="reward_claim_once")]
        indexes = [models.Index(fields=["tenant", "status", "-created_at"], name="reward_claim_by_status")]
