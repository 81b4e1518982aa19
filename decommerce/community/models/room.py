"""Rooms and who is in them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class RoomStatus(models.TextChoices):
    """An archived room stays readable and takes no new posts."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Room(TenantModel):
    """A place for posts about one subject."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=RoomStatus.choices, default=RoomStatus.ACTIVE)
    last_activity_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    external_id = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="room_slug_once"),
            models.UniqueConstraint(fields=["tenant", "external_id"], name="room_external_once"),
        ]
        indexes = [models.Index(fields=["tenant", "status", "last_activity_at"], name="room_by_activity")]

    def __str__(self) -> str:
        return self.name


class RoomMember(TenantModel):
    """A member is in a room."""

    room = TenantForeignKey(Room, on_delete=models.CASCADE, related_name="room_members", db_index=False)
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="room_members")
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "room", "member"], name="room_member_once")]
        indexes = [models.Index(fields=["tenant", "-joined_at"], name="room_member_by_joined")]
