"""A change that a model proposed and a person has yet to decide about (CHT-03, SEC-06)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps_engine.store.models.exact_json import ExactJSONField, OrderedJSONField
from chat.models.message import Message
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class CallState(models.TextChoices):
    """A call is decided once; only `pending` can change."""

    PENDING = "pending"
    EXECUTED = "executed"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class PendingCall(TenantModel):
    """One call of one tool, bound to its exact arguments, the app's version, one person and a time.

    `digest` is the SHA-256 (hexadecimal) of what the person is shown: tool, arguments in canonical JSON, app and
    version. `preview` is the card as it was shown; `outcome` is what came of the call, for the person and the model.
    """

    message = TenantForeignKey(Message, on_delete=models.CASCADE, related_name="calls", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False)
    call_id = models.CharField(max_length=120)
    tool = models.CharField(max_length=64)
    arguments = OrderedJSONField()
    digest = models.CharField(max_length=64)
    app_id = models.BigIntegerField(null=True)
    app_version = models.PositiveIntegerField(null=True)
    preview = ExactJSONField(default=dict)
    state = models.CharField(max_length=12, choices=CallState.choices, default=CallState.PENDING)
    outcome = ExactJSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "message", "call_id"], name="one_decision_for_each_call")
        ]
