"""Keys for programs (SEC-04): a prefix to recognise, a digest to compare, and never the key itself."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from decommerce.tenancy.models.base import TenantManager, TenantModel


class ApiKey(TenantModel):
    """One key. `digest` is SHA-256 of the whole secret in hexadecimal; 256 random bits need no slow hash.

    `across_tenants` is for authentication only: within `locator_scope("key_digest", ...)` it sees the one row whose
    digest the caller knows. `confirms` says that a person has to confirm each change that is made with it.
    """

    locators: ClassVar[dict[str, str]] = {"key_digest": "digest"}

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=32))
    confirms = models.BooleanField(default=False)
    # The source of the events that this key sends, and no other key; empty for one that has no source to itself.
    event_source = models.CharField(max_length=200, blank=True, default="")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = TenantManager()
    across_tenants = models.Manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
