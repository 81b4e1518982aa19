"""What members did for the community."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.community.models.post import Post
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class Contribution(TenantModel):
    """One contribution: a badge, a review, a referral. `kind` is a word, `points` its worth."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="contributions", db_index=False)
    post = TenantForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="contributions")
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    points = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    external_id = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="contribution_external_once")]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="contribution_by_created"),
            models.Index(fields=["tenant", "member", "-created_at"], name="contribution_by_member"),
        ]
