"""The record of external calls and of `once_per` keys (RUN-05)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps_engine.store.models.exact_json import ExactJSONField
from apps_engine.store.models.execution import Execution
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantModel


class Effect(TenantModel):
    """Claimed before it is done; the frozen request is what a retry after a crash sends again, byte for byte.

    One whose run is gone has none. The keys of `once_per` stay all the same: they are for ever.
    """

    policy_only = True
    scheduler_columns = ("id", "execution_id", "state")
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention(
            "calls",
            "calls of runs that are gone",
            "created_at",
            usual=1,
            least=1,
            only="execution_id IS NULL AND NOT starts_with(idem_key, 'once:')",
            columns=("execution_id", "idem_key"),
        ),
    )

    class State(models.TextChoices):
        CLAIMED = "claimed"
        DONE = "done"
        FAILED = "failed"
        UNKNOWN = "unknown"

    idem_key = models.CharField(max_length=500)
    execution = TenantForeignKey(Execution, on_delete=models.SET_NULL, null=True, related_name="effects")
    path = models.CharField(max_length=400)
    action = models.CharField(max_length=64)
    request = ExactJSONField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    fence = models.BigIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.CLAIMED)
    response = ExactJSONField(null=True)
    error = ExactJSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "idem_key"], name="effect_once_per_key")]
        # Few are, whatever is stored: a page of what waits for somebody looks for these, and the sweep for those.
        indexes = [
            models.Index(fields=["tenant", "-id"], condition=Q(state="unknown"), name="effect_in_doubt"),
            models.Index(fields=["execution_id"], condition=Q(state="claimed"), name="effect_claimed"),
        ]
