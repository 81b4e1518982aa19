"""Reactions to posts."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.community.models.post import Post
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class Reaction(TenantModel):
    """One reaction. `kind` is a word like "like" or "upvote"; `member` is null where a dump does not say who it was."""

    post = TenantForeignKey(Post, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    member = TenantForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="reactions", db_index=False)
    kind = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    external_id = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="reaction_external_once"),
            models.UniqueConstraint(fields=["tenant", "post", "member", "kind"], name="reaction_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="reaction_by_created"),
            models.Index(fields=["tenant", "member", "-created_at"], name="reaction_by_member"),
            models.Index(fields=["tenant", "post", "-created_at"], name="reaction_by_post"),
        ]
