"""The shape of a message that leaves the platform."""

from __future__ import annotations

from apps_engine.api.shapes import INSTANT, INSTANT_OR_NULL, INTEGER, INTEGER_OR_NULL, TEXT, shape
from decommerce.community.models import MessageChannel, MessageState

MESSAGE = shape(
    {
        "id": INTEGER,
        "channel": {"type": "string", "enum": MessageChannel.values},
        "state": {"type": "string", "enum": MessageState.values},
        "reason": TEXT,
        "to": TEXT,
        "subject": TEXT,
        "topic": TEXT,
        "message_id": TEXT,
        "member": INTEGER_OR_NULL,
        "app": INTEGER_OR_NULL,
        "run": INTEGER_OR_NULL,
        "attempts": INTEGER,
        "created_at": INSTANT,
        "run_at": INSTANT,
        "sent_at": INSTANT_OR_NULL,
    }
)
