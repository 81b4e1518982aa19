"""The shape of a canonical trigger, by its type, as JSON Schema (draft 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.shape import CONDITION, DURATION, FILTER, NAME, Schema, closed, texts

_TRIGGER: dict[str, Any] = {
    "id": {**NAME, "description": "The name of the trigger."},
    "flow": {"type": "string", "description": "The flow it starts."},
}
_EVENT: dict[str, Any] = {
    "event": {"type": "string", "minLength": 1, "description": "The platform event, such as post.created."},
    "filter": {**FILTER, "description": 'Which events count, by their payload: {"post.score": {"gte": 10}}.'},
}
_CHAT: dict[str, Any] = {
    "phrases": texts("What a member may say.", least=1),
    "match": {"enum": ["exact", "contains", "starts_with"], "description": "How a message is compared."},
}


def _trigger(description: str, kind: str, own: Mapping[str, Schema], required: tuple[str, ...] = ()) -> dict[str, Any]:
    members = {"id": _TRIGGER["id"], "type": {"const": kind}, "flow": _TRIGGER["flow"], **own}
    return closed(description, members, ("id", "type", "flow", *required))


TRIGGERS: Mapping[str, dict[str, Any]] = {
    "scheduled": _trigger(
        "By the clock.",
        "scheduled",
        {
            "cron": {"type": "string", "description": "Minute, hour, day, month, weekday: 0 9 * * 1 is Monday, 09:00."},
            "timezone": {
                "type": "string",
                "description": "An IANA time zone such as Europe/Zurich; UTC when left out.",
            },
            "catch_up": {**DURATION, "description": "How late a missed start may still be made; 1h when left out."},
        },
        ("cron",),
    ),
    "event": _trigger("When something happens on the platform.", "event", _EVENT, ("event",)),
    "delayed": _trigger(
        "Some time after something happened, once or several times.",
        "delayed",
        {
            **_EVENT,
            "sequence": {
                "type": "array",
                "minItems": 1,
                "items": closed(
                    "One start.",
                    {
                        "delay": {**DURATION, "description": "How long after the event: 1d."},
                        "flow": {"type": "string", "description": "The flow; that of the trigger when left out."},
                        "when": {**CONDITION, "description": "Checked when the time has come."},
                    },
                    ("delay",),
                ),
            },
            "exit_when": {**CONDITION, "description": "Drop what is left of the sequence when this holds."},
        },
        ("event", "sequence"),
    ),
    "manual": _trigger("When an admin, the API or another program asks for it.", "manual", {}),
    "keyword": _trigger("When a message holds a keyword.", "keyword", _CHAT, ("phrases",)),
    "phrase": _trigger("When a message is a phrase.", "phrase", _CHAT, ("phrases",)),
    "intent": _trigger("When a message means something.", "intent", _CHAT, ("phrases",)),
    "webhook": _trigger(
        "When another system calls.",
        "webhook",
        {
            "endpoint": {**NAME, "description": "The name of the endpoint."},
            "verify": {
                "enum": ["hmac_sha256", "shopify", "standard_webhooks"],
                "description": "How a call is signed: hmac_sha256 is GitHub's way; standard_webhooks when left out.",
            },
        },
        ("endpoint",),
    ),
}
