"""What was said in a conversation, and what the model did meanwhile."""

from __future__ import annotations

from django.db import models

from apps_engine.store.models.exact_json import ExactJSONField
from chat.models.conversation import Conversation
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class Author(models.TextChoices):
    """Who said it."""

    PERSON = "person"
    MODEL = "model"


class MessageState(models.TextChoices):
    """How far an answer came. What a person says is complete at once."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Message(TenantModel):
    """One message. The record is written while the answer streams, so a dropped stream loses nothing (CHT-08).

    `blocks` is the answer as the model's own protocol spells it, for replay; `results` maps the id of each call it
    made to what came of it; `notice` is {code, message, hint} where the answer ended badly; `revision` counts the
    writes, so that a follower knows what it has not seen; `in_context` is False for what the model must not see again.
    """

    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    author = models.CharField(max_length=8, choices=Author.choices)
    state = models.CharField(max_length=12, choices=MessageState.choices, default=MessageState.COMPLETE)
    text = models.TextField(blank=True)
    blocks = ExactJSONField(default=list)
    results = ExactJSONField(default=dict)
    suggestions = models.JSONField(default=list)
    notice = models.JSONField(null=True)
    usage = models.JSONField(default=dict)
    model = models.CharField(max_length=80, blank=True)
    in_context = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["tenant", "conversation", "id"], name="message_by_conversation")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "conversation"], condition=models.Q(state="streaming"), name="one_answer_at_a_time"
            )
        ]
