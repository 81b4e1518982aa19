"""Messages that leave the platform."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantManager, TenantModel


class MessageChannel(models.TextChoices):
    """How a message leaves."""

    EMAIL = "email"
    PUSH = "push"


class MessageState(models.TextChoices):
    """queued -> sending -> sent, refused (by the mail server, for this recipient) or failed.

    `bounced`: sent, and came back for good. `unknown`: nobody knows whether it arrived. `suppressed`: not wanted, or to
    an address of which mail came back.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"


class OutboundMessage(TenantModel):
    """One message, written in the transaction that wants it sent and delivered by a worker afterwards.

    `message_id` is the RFC 5322 Message-ID, the same at every attempt; `topic` is what a member may turn off alone.
    A worker that sends raises `fence` and holds the row until `lease_until`; only the holder of the newest fence may
    write the outcome.
    """

    scheduler_columns: ClassVar[tuple[str, ...]] = ("id", "tenant_id", "channel", "state", "run_at", "lease_until")

    retention: ClassVar[tuple[Retention, ...]] = (
        Retention(
            "messages",
            "e-mails and pushes that went out or did not",
            "created_at",
            usual=90,
            least=7,
            only="state NOT IN ('queued', 'sending')",
            columns=("state",),
        ),
    )

    channel = models.CharField(max_length=8, choices=MessageChannel.choices)
    to_address = models.CharField(max_length=320)
    member = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="messages")
    subject = models.CharField(max_length=500, blank=True)
    # The database has the default too, for a process of the version before, which names no topic.
    topic = models.CharField(max_length=64, blank=True, default="", db_default="")
    body = models.TextField()
    message_id = models.CharField(max_length=255)
    idem_key = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=MessageState.choices, default=MessageState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    run_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    last_error = models.TextField(blank=True)
    app_id = models.BigIntegerField(null=True)
    execution_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = TenantManager()
    across_tenants = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "idem_key"], name="outbound_message_once")]
        indexes = [
            models.Index(
                fields=["run_at"], condition=models.Q(state__in=["queued", "sending"]), name="outbound_message_due"
            ),
            models.Index(fields=["tenant", "-created_at"], name="outbound_message_by_created"),
            models.Index(fields=["tenant", "message_id"], name="outbound_message_by_name"),
            models.Index(
                fields=["tenant", "-id"], condition=models.Q(state="unknown"), name="outbound_message_in_doubt"
            ),
        ]
