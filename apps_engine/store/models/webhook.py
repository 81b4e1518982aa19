"""Where other systems call an app, and what came of their calls (TRG-06)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps_engine.store.models.app import App
from decommerce.tenancy.encrypted_text import EncryptedTextField
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantManager, TenantModel


class WebhookAddress(TenantModel):
    """The address of one webhook trigger, the same as long as the app has a trigger of that id.

    It ends in a secret token, found by its SHA-256. `secret` is what calls are signed with, '' until somebody made one;
    the one before it is believed until `previous_until`. `across_tenants` is for the receiver only: within
    `locator_scope("webhook_digest", ...)` it sees the one address whose digest the caller knows.
    """

    locators: ClassVar[dict[str, str]] = {"webhook_digest": "digest"}

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="webhooks")
    trigger_id = models.CharField(max_length=100)
    endpoint = models.CharField(max_length=100)
    scheme = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()
    secret = EncryptedTextField(default="")
    secret_made_at = models.DateTimeField(null=True)
    previous_secret = EncryptedTextField(default="")
    previous_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_tenants: ClassVar[models.Manager] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "trigger_id"], name="webhook_once_per_trigger")]


class DeliveryCount(TenantModel):
    """How many calls of an address came to the same end within an hour, and the latest event of them.

    Counted and not kept one by one: whoever knows an address and not its secret fills no table.
    """

    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("webhook_counts", "counts of calls of webhook addresses", "last_at", usual=30, least=1, born="hour"),
    )

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        DUPLICATE = "duplicate"
        REFUSED = "refused"

    address = TenantForeignKey(WebhookAddress, on_delete=models.CASCADE, related_name="deliveries")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.CharField(max_length=64, blank=True)
    event_id = models.CharField(max_length=200, blank=True)
    count = models.BigIntegerField(default=1)
    hour = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "outcome", "reason", "hour"], name="delivery_count_once_an_hour")
        ]
        indexes = [models.Index(fields=["address", "-last_at"], name="delivery_count_by_time")]
