"""What members write in rooms."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.community.models.room import Room
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class PostKind(models.TextChoices):
    """An answer has a question as its parent."""

    QUESTION = "question"
    ANSWER = "answer"
    POST = "post"


class PostStatus(models.TextChoices):
    """Only a published post is seen by everyone; one in review waits for a moderator."""

    PUBLISHED = "published"
    HIDDEN = "hidden"
    REVIEW = "review"
    REMOVED = "removed"


class Post(TenantModel):
    """One post. `body_length` counts the characters of `body`; the post service keeps it and `comment_count` right.

    `app_id` names the app that wrote it, `idem_key` the call that did.
    """

    room = TenantForeignKey(Room, on_delete=models.SET_NULL, null=True, related_name="posts", db_index=False)
    author = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="posts", db_index=False)
    parent = TenantForeignKey("self", on_delete=models.CASCADE, null=True, related_name="answers")
    kind = models.CharField(max_length=16, choices=PostKind.choices, default=PostKind.POST)
    status = models.CharField(max_length=16, choices=PostStatus.choices, default=PostStatus.PUBLISHED)
    title = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    body_length = models.PositiveIntegerField()
    score = models.IntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    app_id = models.BigIntegerField(null=True)
    external_id = models.CharField(max_length=64, null=True)
    idem_key = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="post_external_once"),
            models.UniqueConstraint(fields=["tenant", "idem_key"], name="post_idem_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="post_by_created"),
            models.Index(fields=["tenant", "status", "-created_at"], name="post_by_status"),
            models.Index(fields=["tenant", "author", "-created_at"], name="post_by_author"),
            models.Index(fields=["tenant", "room", "-created_at"], name="post_by_room"),
            models.Index(fields=["tenant", "-score"], name="post_by_score"),
        ]

    def __str__(self) -> str:
        return self.title or self.body[:60]
