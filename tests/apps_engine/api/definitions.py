"""Definitions that the tests of the programmatic edges store and run."""

from __future__ import annotations

from typing import Any

from apps_engine.registry import registry


def short_list(name: str = "Short list", **changes: Any) -> dict[str, Any]:
    """An app that reads some members when somebody runs it by hand, and changes nothing."""
    return {
        "schema_version": "1.1",
        "profile": "automation",
        "name": name,
        "description": "Reads some members.",
        "inputs": {"type": "object", "properties": {"days": {"type": "integer", "default": 7}}},
        "triggers": [{"id": "by_hand", "type": "manual", "flow": "main"}],
        "flows": {
            "main": {
                "steps": [
                    {"id": "members", "fetch": "users", "limit": 5},
                    {"id": "top", "transform": "limit", "from": "{{ members }}", "params": {"count": 3}},
                ]
            }
        },
        **changes,
    }


def on_event(name: str = "On event", **changes: Any) -> dict[str, Any]:
    """An app that starts when a post about boots is written."""
    trigger = {
        "id": "written",
        "type": "event",
        "event": "post.created",
        "filter": {"post.body": {"contains": "boots"}},
        "flow": "main",
    }
    return short_list(name, inputs=None, triggers=[trigger], **changes)


def written_post(body: str) -> dict[str, Any]:
    """The data of a post.created event."""
    sample = registry.events["post.created"].sample
    return {**sample, "post": {**sample["post"], "body": body, "body_length": len(body)}}
