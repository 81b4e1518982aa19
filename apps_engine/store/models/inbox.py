"""Events as they arrived, and messages that were none."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps_engine.store.models.exact_json import ExactJSONField
from decommerce.tenancy.models import Retention, TenantModel


class EventInbox(TenantModel):
    """One CloudEvents envelope; a duplicate by source and key is dropped by the constraint (TRG-08)."""

    append_only = True
    policy_only = True
    # A duplicate is told from a new event as long as the first one is here.
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("events", "events that arrived", "received_at", usual=30, least=7),
    )

    event_id = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    dedupe_key = models.CharField(max_length=200)
    type = models.CharField(max_length=100)
    time = models.DateTimeField()
    data = ExactJSONField()
    chain = models.JSONField(default=list)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "source", "dedupe_key"], name="event_once")]
        indexes = [
            models.Index(fields=["tenant", "type", "-id"], name="event_by_type"),
            models.Index(fields=["tenant", "event_id"], name="event_by_id"),
        ]


class DeadLetter(models.Model):
    """A message from the queue that is no event of any tenant, kept with the reason; the consumer goes on.

    The table has no tenant, since the message names none that exists. The runtime can only add to it, and count how
    often the same message was refused for the same reason: the outbox publishes an event until it is taken in.
    """

    append_only = True
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention("dead_letters", "messages that were no events", "received_at", usual=30, least=1),
    )

    body = models.TextField()
    content_type = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=64)
    reason = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)
    # Of the code, the content type and the whole message.
    digest = models.BinaryField(null=True)
    times = models.IntegerField(default=1, db_default=1)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="letter_once")]
