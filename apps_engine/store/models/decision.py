"""Why an app did not run (TRG-11)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps_engine.store.models.app import App
from apps_engine.store.models.exact_json import ExactJSONField
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantModel


class Decision(TenantModel):
    """Why a trigger made no run. `details` names the clause that failed and the value it met, for the latest event.

    Repeats of the same outcome of the same trigger within an hour are counted in one row.
    """

    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("decisions", "reasons why apps did not run", "last_at", usual=30, least=1, born="first_at"),
    )

    class Outcome(models.TextChoices):
        FILTERED = "filtered"
        PAUSED = "paused"
        OVERLAP = "overlap"
        MISSED = "missed"
        CHAIN = "chain"
        INVALID = "invalid"
        QUOTA = "quota"
        NO_LONGER_WANTED = "no_longer_wanted"

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    trigger_id = models.CharField(max_length=100)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    event_id = models.CharField(max_length=200, blank=True)
    details = ExactJSONField(default=dict)
    repeats = models.IntegerField(default=1)
    hour = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "trigger_id", "outcome", "hour"], name="decision_once_an_hour")
        ]
        indexes = [models.Index(fields=["app", "-id"], name="decision_of_app")]
