"""A person's role in a tenant."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from decommerce.tenancy.models.base import TenantManager, TenantModel


class Role(models.TextChoices):
    """What a person is in a tenant; `principal.ROLE_SCOPES` says what each may do."""

    OWNER = "owner"
    ADMIN = "admin"
    MODERATOR = "moderator"
    MEMBER = "member"


class Membership(TenantModel):
    """A person may sign in to this tenant.

    `across_tenants` is for signing in only: within `locator_scope("user_id", ...)` it sees that person's own rows.
    """

    locators: ClassVar[dict[str, str]] = {"user_id": "user_id"}

    user = models.ForeignKey("tenancy.User", on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager()
    across_tenants = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="membership_once")]
