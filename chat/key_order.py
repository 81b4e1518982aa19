"""The keys of a definition in the order in which people write and read them; jsonb keeps none."""

from __future__ import annotations

from typing import Any

ORDER = (
    "schema_version", "profile", "name", "id", "description", "version", "icon", "tags", "type", "event", "filter",
    "cron", "timezone", "fetch", "transform", "from", "act", "each", "as", "branch", "pause", "when", "where", "fields",
    "order_by", "limit", "params", "steps", "flow", "once_per", "on_error", "retry", "inputs", "triggers", "flows",
    "states", "permissions", "settings", "response",
)  # fmt: skip
_RANK = {key: rank for rank, key in enumerate(ORDER)}
_LAST = len(ORDER)


def in_reading_order(value: Any) -> Any:
    """The same JSON value; known keys first, in their order, the others as they come."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: _RANK.get(key, _LAST))
        return {key: in_reading_order(value[key]) for key in keys}
    return [in_reading_order(item) for item in value] if isinstance(value, list) else value
