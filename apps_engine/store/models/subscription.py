"""Which active apps listen to which event."""

from __future__ import annotations

from django.db import models

from apps_engine.store.models.app import App
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class Subscription(TenantModel):
    """One event trigger of one app's current version. An event finds its apps by index, however many apps there are."""

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="subscriptions")
    trigger_id = models.CharField(max_length=100)
    event = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "trigger_id"], name="subscription_once_per_trigger")]
        indexes = [models.Index(fields=["tenant", "event"], name="subscription_by_event")]
