"""An app and its versions (APP-05, APP-06)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps_engine.store.models.exact_json import ExactJSONField, OrderedJSONField
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class App(TenantModel):
    """What an admin installed. A deleted app keeps its row: its runs stay readable until retention ends (APP-07).

    `owner_id` is the user who made it, None for a key or the platform itself. `offered_as_tool` lets agents of the
    community call it as a tool of its own (MCP-06).
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        ERROR = "error"
        DELETED = "deleted"

    # A claim leaves the runs of a paused app where they are.
    scheduler_columns = ("id", "tenant_id", "status")

    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    icon = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=300, blank=True)
    version_number = models.IntegerField(default=1)
    runs = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    consecutive_errors = models.IntegerField(default=0)
    last_run_at = models.DateTimeField(null=True)
    owner_id = models.BigIntegerField(null=True)
    offered_as_tool = models.BooleanField(default=False)
    created_by = models.CharField(max_length=200)
    updated_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=~Q(status="deleted"), name="app_name_once_per_tenant"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AppVersion(TenantModel):
    """One definition of an app, in its canonical shape; never changed. `source` is what its author wrote, in order.

    `author_id` is the user who saved it, None for a key or the platform itself.
    """

    append_only = True

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    definition = ExactJSONField()
    source = OrderedJSONField()
    author_id = models.BigIntegerField(null=True)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "number"], name="version_number_once_per_app")]
