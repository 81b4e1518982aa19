"""Comments under posts."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.community.models.post import Post
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class Comment(TenantModel):
    """One comment."""

    post = TenantForeignKey(Post, on_delete=models.CASCADE, related_name="comments", db_index=False)
    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="comments", db_index=False)
    body = models.TextField()
    score = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    external_id = models.CharField(max_length=64, null=True)
    idem_key = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="comment_external_once"),
            models.UniqueConstraint(fields=["tenant", "idem_key"], name="comment_idem_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="comment_by_created"),
            models.Index(fields=["tenant", "post", "created_at"], name="comment_by_post"),
            models.Index(fields=["tenant", "author", "-created_at"], name="comment_by_author"),
        ]
