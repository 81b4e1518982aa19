"""Definitions that the tests create."""

from __future__ import annotations

from typing import Any


def digest(name: str = "Weekly digest") -> dict[str, Any]:
    """Tells the moderators how many members there are, when somebody starts it."""
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": name,
        "description": "Tells the moderators how many members there are.",
        "version": "1.0.0",
        "icon": "📨",
        "triggers": [{"id": "by_hand", "type": "manual", "flow": "main"}],
        "flows": {
            "main": {
                "steps": [
                    {"id": "members", "fetch": "users", "fields": ["id", "display_name"], "limit": 10},
                    {
                        "id": "tell",
                        "act": "send_notification",
                        "params": {"to": "moderators", "title": "Members", "body": "{{ members | length }} so far."},
                    },
                ]
            }
        },
    }
