"""A connected Shopify shop, and what it delivered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from decommerce.tenancy.encrypted_text import EncryptedTextField
from decommerce.tenancy.models import TenantForeignKey, TenantManager, TenantModel


class Shop(TenantModel):
    """One shop. Its intake address ends in a secret token of which only the SHA-256 is kept, in `intake_digest`.

    `across_tenants` is for the intake only: within `locator_scope("shop_digest", ...)` it sees the one shop whose
    digest the caller knows.
    """

    locators: ClassVar[dict[str, str]] = {"shop_digest": "intake_digest"}

    domain = models.CharField(max_length=255)
    intake_digest = models.CharField(max_length=64, unique=True)
    webhook_secret = EncryptedTextField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager()
    across_tenants = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "domain"], name="shop_domain_once")]

    def __str__(self) -> str:
        return self.domain


class DeliveryOutcome(models.TextChoices):
    """`ignored`: a topic nobody asked for. `stale`: older than what is known. `refused`: not believed."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    STALE = "stale"
    REFUSED = "refused"


class ShopDelivery(TenantModel):
    """What became of a delivery.

    Believed ones are kept once each; refused ones are counted, a row per hour and reason, so that nobody can fill the
    table without the shop's secret.
    """

    shop = TenantForeignKey(Shop, on_delete=models.CASCADE, related_name="deliveries")
    topic = models.CharField(max_length=64)
    event_id = models.CharField(max_length=128)
    outcome = models.CharField(max_length=16, choices=DeliveryOutcome.choices)
    reason = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "shop", "topic", "event_id"],
                condition=~Q(outcome=DeliveryOutcome.REFUSED),
                name="shop_delivery_once",
            ),
            models.UniqueConstraint(
                fields=["tenant", "shop", "reason", "received_at"],
                condition=Q(outcome=DeliveryOutcome.REFUSED),
                name="shop_refusal_once_an_hour",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-received_at"], name="shop_delivery_by_received")]
