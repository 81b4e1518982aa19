"""An invitation to a tenant's team, sent to an e-mail address."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from decommerce.tenancy.models.base import TenantModel
from decommerce.tenancy.models.membership import Role
from decommerce.tenancy.models.retention import Retention


class Invitation(TenantModel):
    """`email` is in lower case. The link that accepts it holds the `issue`: sending it again ends the link before.

    The link is signed and not stored, so no copy of the table opens anything.
    """

    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("invitations", "invitations to a team, after their end", "expires_at", usual=90, least=7),
    )

    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices)
    issue = models.PositiveIntegerField(default=1)
    invited_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"

    def has_expired(self, now: datetime) -> bool:
        """Whether its link is too old; it can be sent again."""
        return self.expires_at <= now
