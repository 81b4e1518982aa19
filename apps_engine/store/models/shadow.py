"""A draft that is rehearsed beside the live version of its app (RUN-15)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from apps_engine.store.models.app import App
from apps_engine.store.models.exact_json import ExactJSONField
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantModel


def nothing_yet() -> dict[str, Any]:
    """What one of the two came to before anything happened."""
    return {"started": 0, "rehearsed": 0, "states": {}, "counts": {}, "failures": {}}


class Shadow(TenantModel):
    """A definition beside version `version_number` of an app, until `ends_at` or whatever ends it sooner.

    Events up to the number `position`, and times of schedules up to `looked_at`, are in `live` and `draft`. `left_out`
    says that some were passed over, since more came than could be rehearsed.
    """

    scheduler_columns = ("tenant_id", "ended_at")
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("shadows", "drafts beside live versions", "ended_at", usual=90, least=1, born="begun_at"),
    )

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="shadows")
    version_number = models.IntegerField()
    definition = ExactJSONField()
    author_id = models.BigIntegerField(null=True)
    begun_by = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    position = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField()
    events = models.BigIntegerField(default=0)
    left_out = models.BooleanField(default=False)
    live = ExactJSONField(default=nothing_yet)
    draft = ExactJSONField(default=nothing_yet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app"], condition=Q(ended_at=None), name="one_shadow_at_once_per_app")
        ]
