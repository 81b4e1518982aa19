"""A member of the community."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from decommerce.tenancy.models import Membership, Role, TenantForeignKey, TenantManager, TenantModel


class MemberStatus(models.TextChoices):
    """A suspended member reads and writes nothing and is sent nothing."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class MemberQuerySet(models.QuerySet["Member"]):
    """What readers of members ask for."""

    def with_role(self) -> Self:
        """Annotates `role`: owner, admin, moderator, or member for whoever has no seat in the team."""
        return self.annotate(role=Coalesce(F("membership__role"), Value(Role.MEMBER)))

    def active(self) -> Self:
        """Those who may be reached."""
        return self.filter(status=MemberStatus.ACTIVE)


MemberManager = TenantManager.from_queryset(MemberQuerySet)


class Member(TenantModel):
    """Someone of the community. Their role in the team is that of their membership, if they sign in at all.

    `xp` is the sum of their XpEntry rows and `level` follows from it; the XP service keeps both. `engagement_score` is
    what an app last made of their activity, and 0 until one does. `email` is null for people who were imported without
    one.
    """

    email = models.EmailField(null=True)
    display_name = models.CharField(max_length=120)
    membership = TenantForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="members", db_index=False
    )
    status = models.CharField(max_length=16, choices=MemberStatus.choices, default=MemberStatus.ACTIVE)
    xp = models.IntegerField(default=0)
    level = models.PositiveIntegerField(default=1)
    engagement_score = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("0.00"))
    country = models.CharField(max_length=2, blank=True)
    location = models.CharField(max_length=120, blank=True)
    bio = models.TextField(blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    last_active_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=64, null=True)

    objects = MemberManager()

    if TYPE_CHECKING:
        role: str

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", Lower("email"), name="member_email_once"),
            models.UniqueConstraint(fields=["tenant", "external_id"], name="member_external_once"),
            models.UniqueConstraint(fields=["tenant", "membership"], name="member_membership_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-joined_at"], name="member_by_joined"),
            models.Index(fields=["tenant", "last_active_at"], name="member_by_activity"),
            models.Index(fields=["tenant", "-xp"], name="member_by_xp"),
        ]

    def __str__(self) -> str:
        return self.display_name
