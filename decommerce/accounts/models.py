"""A person's account at another service, in one tenant."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from decommerce.tenancy.encrypted_text import EncryptedTextField
from decommerce.tenancy.models import TenantModel


class Provider(models.TextChoices):
    """Who keeps the account."""

    GOOGLE = "google", "Google"


class AccountState(models.TextChoices):
    """All but `active` need the person. `insufficient`: what was asked of it goes beyond what it allows."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    INSUFFICIENT = "insufficient"


class ConnectedAccount(TenantModel):
    """One account of one person. `subject` is the provider's own number of it: an address may change.

    `name` is what a definition may call it, `scopes` is what was granted, `last_error` the code of the last failure.
    Tokens are encrypted at rest and leave this table only in a header to the provider.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=16, choices=Provider.choices, default=Provider.GOOGLE)
    subject = models.CharField(max_length=255)
    name = models.CharField(max_length=64)
    email = models.EmailField()
    scopes = ArrayField(models.CharField(max_length=255), default=list)
    access_token = EncryptedTextField(blank=True)
    refresh_token = EncryptedTextField(blank=True)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=AccountState.choices, default=AccountState.ACTIVE)
    last_error = models.CharField(max_length=64, blank=True)
    connected_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user", "provider", "subject"], name="account_once"),
            models.UniqueConstraint(fields=["tenant", "user", "provider", "name"], name="account_name_once"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} account {self.name}"
