"""Definitions to act with."""

from __future__ import annotations

from typing import Any


def definition(steps: list[dict[str, Any]], trigger: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A definition with these steps, run by hand unless a trigger says otherwise."""
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "An app",
        "description": "What it is for.",
        "triggers": [{"id": "start", "flow": "main", **(trigger or {"type": "manual"})}],
        "flows": {"main": {"steps": steps}},
        **more,
    }


def flagging(below: int = 80) -> dict[str, Any]:
    """Flags posts shorter than `below` characters."""
    return definition(
        [
            {
                "id": "flag",
                "act": "flag_content",
                "params": {"post_id": "{{ trigger.post.id }}", "reason": "Only {{ trigger.post.body_length }} long"},
            }
        ],
        {"type": "event", "event": "post.created", "filter": {"post.body_length": {"lt": below}}},
        name="Flag short posts",
    )


def rewarding(**more: Any) -> dict[str, Any]:
    """Awards 5 XP to every member."""
    award = {
        "id": "award",
        "act": "award_xp",
        "params": {"member_id": "{{ member.id }}", "amount": 5, "reason": "Thanks"},
        **more,
    }
    return definition(
        [
            {"id": "members", "fetch": "users", "fields": ["id"], "limit": 1000},
            {"id": "everyone", "each": "{{ members }}", "as": "member", "steps": [award]},
        ],
        name="Reward everyone",
    )
