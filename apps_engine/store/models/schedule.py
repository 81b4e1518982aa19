"""When a scheduled app fires next."""

from __future__ import annotations

from django.db import models

from apps_engine.store.models.app import App
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class Schedule(TenantModel):
    """One row per scheduled trigger of an app, a paused one too. Nothing polls per app: the tick reads what is due."""

    scheduler_columns = ("id", "tenant_id", "next_fire_at")

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="schedules")
    trigger_id = models.CharField(max_length=100)
    cron = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64)
    catch_up_seconds = models.IntegerField(default=3600)
    next_fire_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "trigger_id"], name="schedule_once_per_trigger")]
        indexes = [models.Index(fields=["next_fire_at"], name="schedule_due")]
