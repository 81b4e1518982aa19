"""Definitions for the scenarios."""

from __future__ import annotations

from typing import Any

from tests.apps_engine.services.definitions import definition


def stamping(member_id: int, text: str = "stamped", **more: Any) -> dict[str, Any]:
    """Leaves one stamp; any number of its runs at once."""
    step = {"id": "stamp", "act": "stamp", "params": {"member_id": member_id, "text": text}}
    return definition([step], **{"settings": {"concurrency": {"mode": "parallel"}}, **more})


def stamping_everyone(hold_at: int, gate: str, **more: Any) -> dict[str, Any]:
    """Leaves a stamp for each member, by chunks of two hundred; waits at a gate on the way."""
    stamp = {
        "id": "stamp",
        "act": "stamp",
        "params": {
            "member_id": "{{ member.id }}",
            "text": "for {{ member.id }}",
            "number": "{{ loop.index }}",
            "hold_at": hold_at,
            "gate": gate,
        },
    }
    steps = [
        {"id": "members", "fetch": "users", "fields": ["id"], "limit": 1000},
        {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": [stamp]},
    ]
    return definition(steps, **more)


def flagging() -> dict[str, Any]:
    """Flags short posts and tells the moderators."""
    post = "{{ trigger.post.id }}"
    return definition(
        [
            {"id": "flag", "act": "flag_content", "params": {"post_id": post, "reason": "Too short"}},
            {"id": "tell", "act": "send_notification", "params": {"to": "moderators", "title": f"Look at post {post}"}},
        ],
        {"type": "event", "event": "post.created", "filter": {"post.body_length": {"lt": 80}}},
        name="Flag short posts",
    )
