"""A conversation of one person about the apps of one tenant (CHT-02)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from decommerce.tenancy.models import Retention, TenantModel


class Conversation(TenantModel):
    """Its owner's alone: nobody else of the tenant lists or reads it."""

    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("conversations", "conversations nobody goes on with", "updated_at", 365, 30, born="created_at"),
    )

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False)
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [models.Index(fields=["tenant", "owner", "-updated_at"], name="conversation_by_owner")]

    def __str__(self) -> str:
        return self.title
